/* config/base_url.h
 * Private to config: the URL of a provider, and whether its host may be called at all. What a name
 * resolves to is checked again when connecting; here are the hosts one can tell by looking. */
#pragma once
#include "base/text.h"
#include "transport/http_address.h"

struct base_url {
    bool https;
    struct text host; /* IPv6 in brackets */
    uint16_t port;
    struct text path;       /* without a slash at the end */
    enum address_kind kind; /* of an address or of a name known by itself; else public */
};

/* What is wrong with a URL, and what to do about it; neither repeats the URL. */
struct base_url_fault {
    const char *why, *hint;
};

/* Reads "https://host[:port][/path]". False with the fault when it is anything else, user
 * information, a query or a fragment included. */
bool base_url_parse(struct text url, struct base_url *out, struct base_url_fault *out_fault);
