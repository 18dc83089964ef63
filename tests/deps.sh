#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh build|check|fuzz|deb|deb-check: install the Debian packages that are missing, as root;
# else say what to install. Services that packages bring are not started.
set -eu

build="gcc libc6-dev make pkg-config libgnutls28-dev nettle-dev libev-dev libnl-3-dev libnl-route-3-dev
	libconfig-dev libseccomp-dev libcap-ng-dev libedit-dev libcurl4-gnutls-dev liblz4-dev libexpat1-dev libnftables-dev libjansson-dev libmicrohttpd-dev libssl-dev openssl"
check="$build libcmocka-dev iproute2 iputils-ping openconnect ocserv curl python3 procps util-linux gnutls-bin iperf3 freeradius nftables
	libsnmp-dev snmpd snmp python3-textfsm jq mandoc valgrind libasan8 libubsan1"
# large, for a few cases that are skipped without
large="prometheus chromium"

deb="$build debhelper dpkg-dev fakeroot"
fuzz="$build clang libclang-rt-14-dev"

wish=
case "${1:-}" in
build) want=$build ;;
check) want=$check wish=$large ;;
fuzz) want=$fuzz ;;
deb) want=$deb ;;
deb-check) want="$deb lintian debootstrap systemd-container" ;;
*)
	echo "usage: deps.sh build|check|fuzz|deb|deb-check" >&2
	exit 2
	;;
esac

# lacking PACKAGE...: those that are not installed
lacking() {
	for package; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
		"install ok installed") ;;
		*) printf ' %s' "$package" ;;
		esac
	done
}

missing=$(lacking $want)
wish=$(lacking $wish)
[ "$(id -u)" = 0 ] || wish=
[ -n "$missing$wish" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "These packages are missing, and only root can install them:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

# A policy that forbids starting services while we install; somebody's own policy stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' > $policy
	chmod 755 $policy
	trap 'rm -f $policy' EXIT
	trap 'exit 1' INT TERM
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)

# get PACKAGE...
get() {
	echo "installing: $*"
	{ apt-get update && apt-get install -y --no-install-recommends "$@"; } > "$log" 2>&1 || { cat "$log" >&2; return 1; }
}

status=0
if [ -n "$missing" ] && ! get $missing; then
	echo "the packages could not be installed" >&2
	status=1
elif [ -n "$wish" ] && ! get $wish; then
	echo "the cases that need$wish are skipped" >&2
fi
rm -f "$log"
exit $status
