// Follow a live stream of the server: server-sent events, reconnecting for ever, telling whether the line is up.

const RETRY_MS = 3000;

/** Call `show(data)` for every event of `url`, and `link(up)` when the connection comes or goes. */
export function follow(url, show, link) {
  let source = null;
  const open = () => {
    source = new EventSource(url);
    source.onopen = () => link(true);
    source.onmessage = (event) => show(JSON.parse(event.data));
    source.onerror = () => {
      // a stream that ended by itself is reopened by the browser at once; only a refused one is our business
      if (source.readyState === EventSource.CLOSED) {
        link(false);
        setTimeout(open, RETRY_MS);
      } else {
        setTimeout(() => link(source.readyState === EventSource.OPEN), RETRY_MS);
      }
    };
  };
  addEventListener("pagehide", () => source.close());
  open();
}
