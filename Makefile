# SPDX-License-Identifier: GPL-2.0-or-later
# offhook. "make help" lists the targets. Each flavour builds into a folder of its own.

BUILD ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
VERSION := 0.1

# Where "make install" puts things, below DESTDIR. The configuration is in /etc and state in /var/lib, whatever the prefix.
prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
sbindir ?= $(exec_prefix)/sbin
libexecdir ?= $(exec_prefix)/libexec
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
docdir ?= $(datarootdir)/doc/offhook
completionsdir ?= $(datarootdir)/bash-completion/completions
sysconfdir ?= /etc
systemddir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
CPPFLAGS += -I. $(shell pkg-config --cflags libnl-route-3.0 2>/dev/null) -D_GNU_SOURCE -DOFFHOOK_VERSION='"$(VERSION)"'
# Hidden: no library shall find our functions in the place of its own.
ALL_CFLAGS = -std=gnu17 -fvisibility=hidden $(CFLAGS) $(WARN) $(SANITIZE) -fno-strict-aliasing -fstack-protector-strong -fPIE
ALL_LDFLAGS = $(LDFLAGS) $(SANITIZE) -pie -Wl,-z,relro,-z,now -Wl,--as-needed

PC = $(shell pkg-config --cflags --libs $(1) 2>/dev/null)

# One process, one folder, one link line (a process links its folder, common/ and what is named here).
LIBS_offhookd := $(call PC,gnutls libnl-route-3.0 libnftables jansson libconfig libcap-ng libseccomp) -lev
LIBS_offhook-certauth := $(call PC,gnutls libcrypto libcap-ng libseccomp) -lev
LIBS_offhook-worker := $(call PC,gnutls expat liblz4 libcap-ng libseccomp) -lev
# Each shared library costs each worker five mappings, at its start, while it lives and at its end. Those that never
# see a byte of a client are linked in where the system has them as archives; the others get its updates as ever.
ARCHIVED = $(if $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a 2>/dev/null)),-l:lib$(1).a,-l$(1))
LINK_offhook-worker := $(call PC,gnutls expat liblz4) $(call ARCHIVED,cap-ng) $(call ARCHIVED,seccomp) $(call ARCHIVED,ev) -lm
# Large buffers first, then all that is small, together: fewer pages that a worker writes to.
$(BUILD)/offhook-worker: ALL_LDFLAGS += -Wl,--sort-section=alignment
LIBS_offhook-forwarder := $(call PC,gnutls nettle libcap-ng libseccomp) -lev
LIBS_offhook-revoke := $(call PC,gnutls libcurl libcap-ng libseccomp) -lev
LIBS_offhook-aaa := $(call PC,gnutls libcap-ng libseccomp) -lev
LIBS_offhook-metrics := $(call PC,libmicrohttpd libcap-ng libseccomp) -lev
LIBS_offhook-snmp := $(call PC,jansson) -lnetsnmpagent -lnetsnmp
LIBS_offhook := -ledit
LIBS_phone := -lssl -lcrypto -lev
LIBS_load := $(LIBS_phone)
LIBS_floor := $(call PC,gnutls)

objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)))

COMMON := $(call objs,common/*.c)
CONFIG := $(call objs,server/config/*.c)
OBJS_offhookd := $(call objs,server/main/*.c server/show/*.c) $(CONFIG) $(COMMON)
OBJS_offhook-certauth := $(call objs,server/certauth/*.c) $(COMMON)
OBJS_offhook-worker := $(call objs,server/worker/*.c) $(COMMON)
OBJS_offhook-forwarder := $(call objs,server/forwarder/*.c) $(COMMON)
OBJS_offhook-revoke := $(call objs,server/revoke/*.c) $(COMMON)
OBJS_offhook-aaa := $(call objs,server/aaa/*.c) $(COMMON)
OBJS_offhook-metrics := $(call objs,server/metrics/*.c) $(COMMON)
OBJS_offhook-snmp := $(call objs,server/snmp/*.c)
OBJS_offhook := $(call objs,server/cli/*.c)
OBJS_phone := $(call objs,tests/phone/*.c)
OBJS_floor := $(call objs,tests/bench/floor/*.c)
# The load generator of tests/bench is made of the simulator's parts, too.
OBJS_load := $(call objs,tests/bench/load/*.c) $(filter-out %/main.o,$(OBJS_phone))

PROGRAMS := offhookd offhook-certauth offhook-worker offhook-forwarder offhook-revoke offhook-aaa offhook-metrics offhook
# Where net-snmp's headers are (libsnmp-dev).
ifneq ($(wildcard /usr/include/net-snmp/agent/net-snmp-agent-includes.h),)
PROGRAMS += offhook-snmp
endif
BINS := $(addprefix $(BUILD)/,$(PROGRAMS))

.PHONY: all
all: $(BINS) ## build the programs

define program
$(BUILD)/$(1): $$(OBJS_$(1))
	$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(if $$(LINK_$(1)),$$(LINK_$(1)),$$(LIBS_$(1)))
endef
$(foreach p,$(PROGRAMS) phone load floor,$(eval $(call program,$(p))))

# The two that know where the others are installed; made anew when that changes.
PATHS := -DOFFHOOK_PROGRAMS='"$(libexecdir)/offhook"' -DOFFHOOK_ETC='"$(sysconfdir)/offhook"'
$(BUILD)/obj/server/main/child.o $(BUILD)/obj/server/main/offhookd.o: CPPFLAGS += $(PATHS)
$(BUILD)/obj/server/main/child.o $(BUILD)/obj/server/main/offhookd.o: $(BUILD)/paths
.PHONY: paths
$(BUILD)/paths: paths
	@mkdir -p $(@D)
	@echo "$(PATHS)" | cmp -s - $@ || echo "$(PATHS)" > $@

$(BUILD)/obj/%.o: %.c Makefile # whose flags may have changed
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests: tests/unit/test_NAME.c, linked with every part but the processes' main().
MAINS := $(BUILD)/obj/server/main/offhookd.o $(BUILD)/obj/server/certauth/certauth.o \
	$(BUILD)/obj/server/worker/spawner.o $(BUILD)/obj/server/forwarder/forwarder.o $(BUILD)/obj/server/revoke/revoker.o \
	$(BUILD)/obj/server/aaa/helper.o $(BUILD)/obj/server/metrics/helper.o \
	$(BUILD)/obj/tests/phone/main.o
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
PARTS := $(filter-out $(MAINS),$(sort $(foreach p,offhookd offhook-certauth offhook-worker offhook-forwarder offhook-revoke offhook-aaa offhook-metrics,$(OBJS_$(p)))))
PARTS_LIBS = $(LIBS_offhookd) $(foreach p,certauth revoke metrics forwarder worker,$(LIBS_offhook-$(p)))

$(BUILD)/parts.a: $(PARTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(PARTS_LIBS)

# It counts the compressions of SHA-1.
$(BUILD)/unit/test_record_cbc: ALL_LDFLAGS += -Wl,--wrap=nettle_sha1_compress

$(BUILD)/unit/test_udp_out: ALL_LDFLAGS += -Wl,--wrap=sendmsg,--wrap=sendmmsg,--wrap=sendto

# Unit tests of the phone simulator link its parts instead: tests/unit/phone_NAME.c.
PHONE_UNITS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/phone_*.c))
$(PHONE_UNITS): $(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(filter-out $(MAINS),$(OBJS_phone))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS_phone)

# Fuzz targets: tests/fuzz/fuzz_NAME.c. Here each runs over its stored inputs; "make fuzz" looks for new ones.
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(addprefix $(BUILD)/unit/fuzz_,$(FUZZ))
$(REPLAYS): $(BUILD)/unit/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/replay-%.o $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PARTS_LIBS) $(PAIR_LIBS)

# It takes its two sides from the unit tests.
$(BUILD)/unit/fuzz_record $(BUILD)/fuzz/record: PAIR_LIBS := -lcmocka

$(BUILD)/obj/tests/fuzz/replay-%.o: tests/fuzz/replay.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -DCORPUS='"tests/fuzz/corpus/$*"' -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PARTS_LIBS) $(PAIR_LIBS)

$(BUILD)/bench-validate: $(BUILD)/obj/tests/bench/validate.o $(BUILD)/parts.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PARTS_LIBS)

# A spawner whose workers misbehave, for tests/integration/rogue.sh: the real one's parts, two of them wrapped.
ROGUE := $(BUILD)/rogue/offhook-worker
$(ROGUE): $(BUILD)/obj/tests/rogue/rogue.o $(OBJS_offhook-worker)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -Wl,--wrap=worker_run,--wrap=login_session -o $@ $^ $(LIBS_offhook-worker)

.PHONY: units
units: $(UNITS) $(PHONE_UNITS) $(ROGUE) $(REPLAYS) $(BUILD)/manual

.PHONY: fuzzers
fuzzers: $(addprefix $(BUILD)/fuzz/,$(FUZZ))

# offhook-config(5) comes from the command tables.
$(BUILD)/manual: $(BUILD)/obj/doc/manual.o $(CONFIG) $(COMMON)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_offhookd)

.PHONY: doc
doc: $(BUILD)/manual ## write doc/offhook-config.5 anew
	$(BUILD)/manual > doc/offhook-config.5.new && mv doc/offhook-config.5.new doc/offhook-config.5

# What a fresh Debian 12 lacks is installed first, so these build in a second make.
.PHONY: run phone check check-fast asan fuzz bench bench-config deps
run: ## start a gateway on this host: ADDRESS=127.0.0.1 PORT=443
	@tests/deps.sh build
	@$(MAKE) --no-print-directory -s all $(BUILD)/phone
	@BUILD=$(BUILD) tests/demo/run.sh

phone: ## connect the simulated phone to it
	@tests/deps.sh build
	@$(MAKE) --no-print-directory -s all $(BUILD)/phone
	@BUILD=$(BUILD) tests/demo/phone.sh

check: ## build and run all tests
	@tests/deps.sh check
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/phone units
	@BUILD=$(BUILD) tests/run

check-fast: ## unit tests only, no root
	@$(MAKE) --no-print-directory -j2 units
	@BUILD=$(BUILD) tests/run --units

asan: ## the same under AddressSanitizer and UBSan
	@tests/deps.sh check
	@$(MAKE) --no-print-directory BUILD=build-asan CFLAGS='-O1 -g -fno-omit-frame-pointer' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined' check

FUZZ_SECONDS ?= 60
fuzz: ## libFuzzer on what reads configurations, certificates, frames, datagrams: FUZZ_SECONDS=60 each
	@tests/deps.sh fuzz
	@$(MAKE) --no-print-directory -j2 BUILD=build-fuzz CC=clang CFLAGS='-O1 -g' \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' fuzzers
	@BUILD=build-fuzz tests/fuzz/run $(FUZZ_SECONDS)

bench: ## figures, side by side with ocserv
	@tests/deps.sh check
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/phone $(BUILD)/load $(BUILD)/floor $(BUILD)/bench-validate
	@BUILD=$(BUILD) tests/bench/run --results tests/bench/RESULTS
	@tests/bench/alone.py $(BUILD) tests/bench/RESULTS

bench-config: ## the part of it that needs no peer: configurations, certificates
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/bench-validate
	@tests/bench/alone.py $(BUILD) tests/bench/RESULTS

# ---- installing ----

# what the operator or a unit starts, and what offhookd starts
SBIN := $(filter offhookd offhook-snmp,$(PROGRAMS))
HELPERS := $(filter-out offhook $(SBIN),$(PROGRAMS))
INSTALL ?= install

.PHONY: install uninstall
install: all ## install: DESTDIR=, prefix=/usr/local and the usual directory names
	$(INSTALL) -d $(DESTDIR)$(sbindir) $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir)/offhook $(DESTDIR)$(mandir)/man5 \
		$(DESTDIR)$(mandir)/man8 $(DESTDIR)$(docdir)/examples $(DESTDIR)$(completionsdir) $(DESTDIR)$(sysconfdir)/offhook \
		$(DESTDIR)$(systemddir) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(datarootdir)/offhook
	$(INSTALL) -m 755 $(addprefix $(BUILD)/,$(SBIN)) $(DESTDIR)$(sbindir)
	$(INSTALL) -m 755 $(BUILD)/offhook $(DESTDIR)$(bindir)
	$(INSTALL) -m 755 $(addprefix $(BUILD)/,$(HELPERS)) $(DESTDIR)$(libexecdir)/offhook
	$(INSTALL) -m 644 doc/*.5 $(DESTDIR)$(mandir)/man5
	$(INSTALL) -m 644 doc/*.8 $(DESTDIR)$(mandir)/man8
	$(INSTALL) -m 644 README doc/*.md doc/grafana.json $(DESTDIR)$(docdir)
	$(INSTALL) -m 644 doc/CHANGELOG $(DESTDIR)$(docdir)/changelog
	$(INSTALL) -m 644 configs/vpn-phone.cfg $(DESTDIR)$(docdir)/examples
	$(INSTALL) -m 644 configs/offhook.bash $(DESTDIR)$(completionsdir)/offhook
	sed 's|@sbindir@|$(sbindir)|' configs/offhook.service > $(DESTDIR)$(systemddir)/offhook.service
	chmod 644 $(DESTDIR)$(systemddir)/offhook.service
	$(INSTALL) -m 644 configs/offhook.sysusers $(DESTDIR)$(sysusersdir)/offhook.conf
	$(INSTALL) -m 644 configs/offhook.tmpfiles $(DESTDIR)$(tmpfilesdir)/offhook.conf
	$(INSTALL) -m 644 configs/startup-config $(DESTDIR)$(datarootdir)/offhook
	@# the administrator's files are never replaced
	[ -e $(DESTDIR)$(sysconfdir)/offhook/offhookd.conf ] || $(INSTALL) -m 644 configs/offhookd.conf $(DESTDIR)$(sysconfdir)/offhook
	[ -e $(DESTDIR)$(sysconfdir)/offhook/startup-config ] || $(INSTALL) -m 600 configs/startup-config $(DESTDIR)$(sysconfdir)/offhook

uninstall: ## remove what install put there, but configuration and keys
	rm -f $(addprefix $(DESTDIR)$(sbindir)/,offhookd offhook-snmp) $(DESTDIR)$(bindir)/offhook $(DESTDIR)$(completionsdir)/offhook \
		$(patsubst doc/%,$(DESTDIR)$(mandir)/man5/%,$(wildcard doc/*.5)) $(patsubst doc/%,$(DESTDIR)$(mandir)/man8/%,$(wildcard doc/*.8)) \
		$(DESTDIR)$(systemddir)/offhook.service $(DESTDIR)$(sysusersdir)/offhook.conf $(DESTDIR)$(tmpfilesdir)/offhook.conf
	rm -rf $(DESTDIR)$(libexecdir)/offhook $(DESTDIR)$(docdir) $(DESTDIR)$(datarootdir)/offhook

# The tree as it stands here, without what was built.
DEB := $(BUILD)/deb
.PHONY: deb check-deb
deb: ## build the Debian package, into build/deb
	@tests/deps.sh deb
	rm -rf $(DEB) && mkdir -p $(DEB)/offhook-$(VERSION)
	cp -r COPYING Makefile README common configs doc server $(DEB)/offhook-$(VERSION)
	mv $(DEB)/offhook-$(VERSION)/configs/debian $(DEB)/offhook-$(VERSION)/debian
	cd $(DEB)/offhook-$(VERSION) && env -u BUILD -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -b -us -uc -j2
	@ls $(DEB)/*.deb

check-deb: deb $(BUILD)/phone ## install, start, upgrade and purge that package in a Debian made for it
	@tests/deps.sh deb-check
	@BUILD=$(BUILD) tests/deb/run

deps: ## install the packages that building and testing need
	@tests/deps.sh check

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-asan build-fuzz

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
