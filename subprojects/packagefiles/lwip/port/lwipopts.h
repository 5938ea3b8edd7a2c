// SPDX-License-Identifier: BSD-3-Clause
// lwIP's settings for netmgmt; what is not named here has the default of lwip/opt.h.
#pragma once

// One thread that polls: no sockets, no locks.
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

// Protocols.
#define LWIP_ARP 1
#define LWIP_ETHERNET 1
#define LWIP_IPV4 1
#define LWIP_ICMP 1
#define LWIP_DHCP 1
#define LWIP_IPV6 1
#define LWIP_IPV6_MLD 1
#define LWIP_IPV6_AUTOCONFIG 1
#define LWIP_DNS 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_TCP 1

// A probe of the leased address would keep it unused for a second more at every start (RFC 2131 section 2.2: SHOULD).
#define DHCP_DOES_ARP_CHECK 0

// TCP for request and reply over a fast local link.
#define TCP_MSS 1460
#define TCP_WND (16 * TCP_MSS)
#define TCP_SND_BUF (16 * TCP_MSS)
#define TCP_SND_QUEUELEN 64
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 2
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_LISTEN_BACKLOG 1

// All memory from malloc: it grows and shrinks with use, and the sanitizers see every block.
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define MEM_SIZE (1024 * 1024)

// A fragment's header is copied aside: on 64-bit machines lwIP's bookkeeping does not fit over it.
#define IPV6_FRAG_COPYHEADER 1
#define LWIP_CHECKSUM_ON_COPY 1

// Interfaces.
#define LWIP_SINGLE_NETIF 0
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1

// Counters, which netmgmt shows.
#define LWIP_STATS 1
#define MIB2_STATS 1
