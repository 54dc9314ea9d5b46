/* transport/http_address.h
 * Which addresses a provider may lead to. Asked for every socket before it is connected, so that
 * what a name resolves to at that moment is what is judged. Pure. */
#pragma once
#include <stdbool.h>
#include <sys/socket.h>

enum address_kind {
    ADDRESS_PUBLIC,
    ADDRESS_PRIVATE, /* loopback, private, link-local, shared, multicast, reserved: by leave only */
    ADDRESS_NEVER    /* where clouds hand out credentials: never */
};

/* Of an IPv4 or IPv6 address; ADDRESS_NEVER for other families. Addresses that carry an IPv4
 * address inside are judged by it as well. */
enum address_kind address_kind(const struct sockaddr *address);

enum { ADDRESS_TEXT_BYTES = 64 };
/* "10.0.0.1" or "fd00::1", NUL-terminated. */
void address_write(const struct sockaddr *address, char out[ADDRESS_TEXT_BYTES]);
