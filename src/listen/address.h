/* listen/address.h
 * Bound sockets from written addresses, and what they are called afterwards. */
#pragma once
#include "base/arena.h"
#include "config/config.h"

enum address_use {
    ADDRESS_PUBLIC,   /* a unix socket is open to all who can reach its folder, as TCP would be */
    ADDRESS_REPEATED, /* public, and one of several sockets of this process (SO_REUSEPORT) */
    ADDRESS_ADMIN,    /* a unix socket is its owner's alone */
};
/* Binds and listens. Gives a descriptor, or -1 with *err saying which address and why. */
int address_listen(const struct listen_address *address, enum address_use use, struct error *err);
/* "127.0.0.1:8080", "[::1]:8080" or "unix:/path" of a bound socket. */
struct text address_text(int fd, struct arena *arena);
/* Sets what connections inherit from their listener: no delay, and an end to clients that do not
 * take anything for write_stall_ms. Does nothing on a unix socket. */
void address_tune(int fd, uint32_t write_stall_ms, int unsent_bytes_max);
