/* listen/address.h
 * Bound sockets from written addresses, and what they are called afterwards. */
#pragma once
#include "base/arena.h"
#include "config/config.h"

/* Binds and listens. `own` binds with SO_REUSEPORT, for one of several sockets of this process.
 * Gives a descriptor, or -1 with *err saying which address and why. */
int address_listen(const struct listen_address *address, bool own, struct error *err);
/* "127.0.0.1:8080", "[::1]:8080" or "unix:/path" of a bound socket. */
struct text address_text(int fd, struct arena *arena);
/* Sets what connections inherit from their listener: no delay, and an end to clients that do not
 * take anything for write_stall_ms. Does nothing on a unix socket. */
void address_tune(int fd, uint32_t write_stall_ms, int unsent_bytes_max);
