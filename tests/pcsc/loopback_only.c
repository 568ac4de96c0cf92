/* Loaded before all other libraries, this lets a process bind TCP ports of the loopback only. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int bind(int line, const struct sockaddr *address, socklen_t length)
{
    struct sockaddr_in local;

    if (address->sa_family == AF_INET && length == sizeof local) {
        memcpy(&local, address, sizeof local);
        local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address = (const struct sockaddr *)&local;
    }
    return (int)syscall(SYS_bind, line, address, length);
}
