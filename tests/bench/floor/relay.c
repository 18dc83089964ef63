/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that a gateway in user space does: an inner packet comes as the
 * payload of a datagram and goes to a TUN, and back. The peer of an inner
 * address is whoever sent from it last. No cryptography, no checks.
 *
 * offload: datagrams come and go many at a time (UDP_GRO, UDP_SEGMENT), and the
 * TUN gives and takes UDP of many packets as one (IFF_VNET_HDR, USO).
 */

#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <netinet/udp.h>

#define HEADS 28		/* IPv4 and UDP */
#define PER_TURN 64
#define SEGMENTS_MAX 40
#define BUFFER_BYTES (4 << 20)
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

static struct sockaddr_in peers[65536];	/* by the low half of the inner address */
static int tun, udp;
static bool offload;

static uint32_t
sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	uint64_t wide = sum;
	uint32_t word;

	for (; len >= 4; p += 4, len -= 4) {
		memcpy(&word, p, 4);
		wide += word;
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		wide += word;
	}
	while (wide >> 16)
		wide = (wide & 0xffff) + (wide >> 16);
	return (uint32_t)wide;
}

static void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Lengths of an IPv4 UDP packet of len bytes, its IP checksum; returns the sum of the pseudo head. */
static uint32_t
lengths_set(uint8_t *p, size_t len)
{
	uint16_t sum, udp_len = htons((uint16_t)(len - 20));

	put16(p + 2, len);
	put16(p + 24, len - 20);
	put16(p + 10, 0);
	sum = (uint16_t)~sum_add(0, p, 20);
	memcpy(p + 10, &sum, 2);
	return sum_add(htons(IPPROTO_UDP) + (uint32_t)udp_len, p + 12, 8);
}

static void
checksum_set(uint8_t *p, size_t len)
{
	uint32_t pseudo = lengths_set(p, len);
	uint16_t sum;

	put16(p + 26, 0);
	sum = (uint16_t)~sum_add(pseudo, p + 20, len - 20);
	memcpy(p + 26, &sum, 2);
}

/* ---- to the TUN ---- */

static void
tun_write(uint8_t *packet, size_t len)
{
	struct virtio_net_hdr head = { 0 };
	struct iovec iov[2] = { { &head, sizeof(head) }, { packet, len } };

	(void)!writev(tun, offload ? iov : iov + 1, offload ? 2 : 1);
}

/* All packets of one flow and size, the last may be shorter, as one. */
static void
tun_write_many(uint8_t *packets, size_t total, size_t size)
{
	struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_UDP_L4,
		.hdr_len = HEADS, .gso_size = (uint16_t)(size - HEADS), .csum_start = 20, .csum_offset = 6 };
	struct iovec iov[2 + 64] = { { &head, sizeof(head) }, { packets, HEADS } };
	size_t at, len = HEADS;
	uint16_t pseudo;
	int n = 2;

	for (at = 0; at < total && n < 66; at += size, n++) {
		iov[n].iov_base = packets + at + HEADS;
		iov[n].iov_len = (total - at < size ? total - at : size) - HEADS;
		len += iov[n].iov_len;
	}
	pseudo = (uint16_t)lengths_set(packets, len);
	memcpy(packets + 26, &pseudo, 2);
	(void)!writev(tun, iov, n);
}

static bool
same_flow(const uint8_t *packets, size_t total, size_t size)
{
	size_t at;

	for (at = size; at < total; at += size)
		if (memcmp(packets + at + 12, packets + 12, 12) != 0 || total - at <= HEADS)
			return false;
	return packets[0] == 0x45 && packets[9] == IPPROTO_UDP && total / size < 64;
}

static void
udp_turn(void)
{
	static uint8_t data[65536];
	struct sockaddr_in from;
	char control[64];
	struct iovec iov = { data, sizeof(data) };
	int i;

	for (i = 0; i < PER_TURN; i++) {
		struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(udp, &m, MSG_DONTWAIT);
		struct cmsghdr *c;
		size_t size, at;

		if (n < HEADS)
			return;
		size = (size_t)n;
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
				int segment;

				memcpy(&segment, CMSG_DATA(c), sizeof(segment));
				size = (size_t)segment;
			}
		peers[data[14] << 8 | data[15]] = from;
		if (size < (size_t)n && same_flow(data, (size_t)n, size)) {
			tun_write_many(data, (size_t)n, size);
			continue;
		}
		for (at = 0; at < (size_t)n; at += size)
			tun_write(data + at, (size_t)n - at < size ? (size_t)n - at : size);
	}
}

/* ---- from the TUN ---- */

static void
udp_send(const struct sockaddr_in *to, uint8_t *data, size_t len, size_t size)
{
	union {
		char space[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { data, len };
	struct msghdr m = { .msg_name = (void *)(uintptr_t)to, .msg_namelen = sizeof(*to), .msg_iov = &iov, .msg_iovlen = 1 };
	uint16_t segment = (uint16_t)size;
	struct cmsghdr *c;

	if (len > size) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(segment));
		memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	}
	(void)!sendmsg(udp, &m, MSG_DONTWAIT);
}

static void
split(const struct sockaddr_in *to, const uint8_t *packet, size_t len, size_t gso)
{
	static uint8_t out[SEGMENTS_MAX * 1600];
	size_t at = HEADS, filled = 0, part;

	while (at < len) {
		part = len - at < gso ? len - at : gso;
		if (filled + HEADS + part > sizeof(out) || filled / (HEADS + gso) >= SEGMENTS_MAX) {
			udp_send(to, out, filled, HEADS + gso);
			filled = 0;
		}
		memcpy(out + filled, packet, HEADS);
		memcpy(out + filled + HEADS, packet + at, part);
		checksum_set(out + filled, HEADS + part);
		filled += HEADS + part;
		at += part;
	}
	udp_send(to, out, filled, HEADS + gso);
}

static void
tun_turn(void)
{
	static uint8_t data[sizeof(struct virtio_net_hdr) + 65536];
	size_t skip = offload ? sizeof(struct virtio_net_hdr) : 0;
	const struct sockaddr_in *to;
	struct virtio_net_hdr head;
	uint8_t *packet = data + skip;
	int i;

	for (i = 0; i < PER_TURN; i++) {
		ssize_t n = read(tun, data, sizeof(data));

		if (n < (ssize_t)(skip + HEADS))
			return;
		n -= (ssize_t)skip;
		to = &peers[packet[18] << 8 | packet[19]];
		memcpy(&head, data, sizeof(head));
		if (to->sin_port == 0)
			continue;
		if (offload && head.gso_type == VIRTIO_NET_HDR_GSO_UDP_L4) {
			split(to, packet, (size_t)n, head.gso_size);
			continue;
		}
		if (offload && head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && packet[9] == IPPROTO_UDP)
			checksum_set(packet, (size_t)n);
		udp_send(to, packet, (size_t)n, (size_t)n);
	}
}

static int
device_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = (short)(IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0)) };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) != 0)
		return -1;
	if (offload && ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_USO4 | TUN_F_USO6) != 0)
		return -1;
	return fd;
}

int
floor_relay(int argc, char **argv)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
	struct pollfd fds[2];
	int one = 1, bytes = BUFFER_BYTES;

	(void)argc;
	offload = strcmp(argv[3], "offload") == 0;
	inet_pton(AF_INET, argv[1], &local.sin_addr);
	if ((tun = device_open(argv[0])) < 0) {
		fprintf(stderr, "floor: TUN %s: %s\n", argv[0], strerror(errno));
		return 1;
	}
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	if (offload)
		setsockopt(udp, SOL_UDP, UDP_GRO, &one, sizeof(one));
	if (bind(udp, (struct sockaddr *)&local, sizeof(local)) != 0) {
		fprintf(stderr, "floor: UDP: %s\n", strerror(errno));
		return 1;
	}
	printf("{\"ready\": true}\n");
	fflush(stdout);
	fds[0] = (struct pollfd){ .fd = udp, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = tun, .events = POLLIN };
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			udp_turn();
		if (fds[1].revents)
			tun_turn();
	}
}
