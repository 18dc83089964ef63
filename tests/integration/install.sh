#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install and uninstall; what was installed works from where it is.
. "$(dirname "$0")/../lib.sh"
need_root
[ $SANITIZER = no ] || { SKIP_ALL="its flags are not known here"; skip_all; }
net_make
certs_make

# What is built is built; two files are made anew for this prefix, in a folder of our own.
mkdir "$T/build"
cp -a "$BUILD/obj" "$T/build/" && cp -a "$BUILD"/offhook* "$T/build/" || exit 1
inst() {
	env -u MAKEFLAGS -u MFLAGS -u BUILD make -s BUILD="$T/build" prefix="$T/inst" sysconfdir="$T/inst/etc" "$@"
}

test_what_is_installed_connects_phones() {
	inst install
	rm -rf "$T/build/obj" # the programs of the build folder must not help
	rm -f "$T"/build/offhook*
	config_make "$T/inst/share/doc/offhook/examples/vpn-phone.cfg"
	mkdir -p "$T/kept"
	cp "$T/inst/etc/offhook/"* "$T/kept"
	BUILD=$T/programs
	mkdir "$BUILD"
	ln -s "$T/inst/sbin/offhookd" "$T/inst/bin/offhook" "$BUILD"
	daemon_run ip netns exec "$GW"
	for name in certauth spawner forwarder; do
		readlink "/proc/$(child $name)/exe" | grep -q "^$T/inst/libexec/offhook/offhook-"
	done
	identities_make
	BUILD=${CERTS%/test-certs} phone --pin "$PIN" --require-dtls --ping $LAN_IP
	daemon_stop
}

test_its_default_files_are_where_it_looks() {
	"$T/inst/sbin/offhookd" --help | grep -qF "$T/inst/etc/offhook/startup-config"
	"$T/inst/sbin/offhookd" --check
	same mode 600 "$(stat -c %a "$T/inst/etc/offhook/startup-config")"
}

test_bash_completes_what_the_daemon_knows() {
	config_make
	daemon_run ip netns exec "$GW"
	cat > "$T/complete.sh" <<-'END'
	. "$1"
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_offhook
	echo "${COMPREPLY[*]}"
	END
	asked() { bash "$T/complete.sh" "$T/inst/share/bash-completion/completions/offhook" "$BUILD/offhook" -s "$CONTROL" "$@"; }
	same "sh vpn-s" "vpn-sessiondb" "$(asked sh vpn-s)"
	asked show crypto ca "" | grep -qw certificates
	same options "--json" "$(asked --j)"
	same "nothing fits" "" "$(asked show nonsense "")"
	daemon_stop
	same "no daemon" "" "$(asked show "")"
}

test_the_unit_is_sound() {
	command -v systemd-analyze > /dev/null || skip "no systemd-analyze"
	grep -qF "ExecStart=$T/inst/sbin/offhookd --foreground" "$T/inst/lib/systemd/system/offhook.service"
	systemd-analyze verify --man=no "$T/inst/lib/systemd/system/offhook.service" > "$T/verified" 2>&1 || { cat "$T/verified"; return 1; }
	same findings "" "$(grep offhook "$T/verified" || :)"
	# "OK" is below 4.0 of 10
	systemd-analyze security --offline=true --threshold=45 "$T/inst/lib/systemd/system/offhook.service" > "$T/security" || { tail -n 3 "$T/security"; return 1; }
}

test_the_manual_pages_are_sound() {
	command -v mandoc > /dev/null || skip "no mandoc"
	for page in "$T"/inst/share/man/man*/*; do
		mandoc -T lint -W warning "$page" | grep -v 'referenced manual not found\|new sentence, new line' > "$T/lint" || continue
		cat "$T/lint"
		return 1
	done
}

test_installing_again_keeps_the_administrators_files() {
	echo "! mine" >> "$T/inst/etc/offhook/startup-config"
	echo "// mine" >> "$T/inst/etc/offhook/offhookd.conf"
	cp -a "$BUILD/obj" "$BUILD"/offhook* "$T/build/"
	inst install
	grep -q mine "$T/inst/etc/offhook/startup-config"
	grep -q mine "$T/inst/etc/offhook/offhookd.conf"
}

test_uninstall_leaves_the_configuration_alone() {
	inst uninstall
	same "what is left" "$(printf '%s\n' etc/offhook/offhookd.conf etc/offhook/startup-config)" "$(cd "$T/inst" && find . -type f -printf '%P\n' | sort)"
}

run_cases
