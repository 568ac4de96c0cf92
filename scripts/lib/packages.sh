# Sourced by the scripts: finding Python, and Debian packages where apt may be used.

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    echo "thechip needs Python 3.11 or newer; on Debian: sudo apt install python3" >&2
    return 1
}

# as_root COMMAND …: run it as root, or fail where that is not allowed.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# need_package PACKAGE WHY: install a Debian package, or say in a sentence what to type.
need_package() {
    if ! as_root true 2>/dev/null; then
        echo "The Debian package $1 is needed $2. Please run: sudo apt install $1" >&2
        return 1
    fi
    if ! command -v apt-get >/dev/null; then
        echo "$1 is needed $2; this is no Debian system, so please install it yourself." >&2
        return 1
    fi
    echo "Installing the Debian package $1 $2 …" >&2
    as_root env DEBIAN_FRONTEND=noninteractive sh -c "
        apt-get install -qq -y --no-install-recommends $1 >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends $1 >/dev/null; }" || {
        echo "apt could not install $1, which is needed $2. Please install it by hand, then try again." >&2
        return 1
    }
}

# need_pcsc: what the PC/SC tests need, a daemon, a driver with virtual readers, and pyscard, built where no wheel fits.
need_pcsc() {
    [ -x /usr/sbin/pcscd ] || need_package pcscd "for the PC/SC tests" || return 1
    [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] ||
        need_package vsmartcard-vpcd "for the readers of the PC/SC tests" || return 1
    command -v cc >/dev/null || need_package "gcc libc6-dev" "to keep these readers on the loopback" || return 1
    if ! .venv/bin/python -c 'import smartcard.scard' 2>/dev/null && ! has_wheel pyscard; then
        why="to build pyscard, for PC/SC readers"
        command -v swig >/dev/null || need_package swig "$why" || return 1
        [ -e /usr/include/PCSC/winscard.h ] || need_package libpcsclite-dev "$why" || return 1
        [ -e "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
            need_package python3-dev "$why" || return 1
    fi
    scripts/bootstrap pcsc
}

# has_wheel PACKAGE: whether the package index has one for this machine.
has_wheel() {
    .venv/bin/pip install --quiet --disable-pip-version-check --dry-run --ignore-installed --no-deps --only-binary "$1" \
        --constraint constraints.txt "$1" >/dev/null 2>&1
}

# need_nginx: a web server for the tests with a mirror. It is only unpacked: installed, it would listen at port 80 at once.
need_nginx() {
    if [ -x /usr/sbin/nginx ] || [ -x .venv/debian/usr/sbin/nginx ]; then return 0; fi
    why="for the tests with a mirror"
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        echo "nginx is needed $why; this is no Debian system, so please install it yourself." >&2
        return 1
    fi
    echo "Unpacking the Debian package nginx $why …" >&2
    folder=$(mktemp -d)
    (cd "$folder" && apt-get download -qq nginx >/dev/null 2>&1) || {
        as_root apt-get update -qq && (cd "$folder" && apt-get download -qq nginx >/dev/null)
    } && dpkg-deb -x "$folder"/nginx_*.deb .venv/debian && rm -r "$folder" || {
        rm -rf "$folder"
        echo "apt could not bring nginx, which is needed $why. Please run: sudo apt install nginx-light" >&2
        return 1
    }
}

# need_qemu: a machine to cut the power of, and the tools for its disk. Its kernel is only unpacked: installed, it would
# be what this machine starts next.
need_qemu() {
    why="to cut the power of an emulated machine"
    command -v qemu-system-x86_64 >/dev/null || need_package qemu-system-x86 "$why" || return 1
    for tool in mke2fs e2fsck debugfs; do
        PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null || need_package e2fsprogs "$why" || return 1
    done
    if ls .venv/debian/boot/vmlinuz-* >/dev/null 2>&1; then return 0; fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        echo "A kernel of Debian is needed $why; this is no Debian system, so please unpack its package" \
            "linux-image-cloud-amd64 into .venv/debian yourself." >&2
        return 1
    fi
    echo "Unpacking a kernel of Debian $why …" >&2
    folder=$(mktemp -d)
    download_kernel "$folder" || { as_root apt-get update -qq && download_kernel "$folder"; } &&
        dpkg-deb -x "$folder"/linux-image-*.deb .venv/debian && rm -r "$folder" || {
        rm -rf "$folder"
        echo "apt could not bring a kernel, which is needed $why. Please type:" \
            "apt-get download linux-image-VERSION-cloud-amd64 (apt-cache depends linux-image-cloud-amd64 says which)," \
            "then dpkg-deb -x linux-image-*.deb .venv/debian" >&2
        return 1
    }
}

# download_kernel FOLDER: the package that Debian's small kernel for emulated machines is in at the moment.
download_kernel() {
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p')
    [ -n "$package" ] && (cd "$1" && apt-get download -qq "$package" >/dev/null 2>&1)
}
