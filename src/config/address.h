/* config/address.h
 * Where to listen, as `listen`, `admin` and the command line write it. */
#pragma once
#include "config/config.h"

/* Reads "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or "unix:/path". The texts are borrowed
 * from `text`, but for "localhost", which becomes 127.0.0.1. False with *out_why when it is
 * anything else. Port 0: any free one. */
bool listen_address_parse(struct text text, struct listen_address *out, const char **out_why);
