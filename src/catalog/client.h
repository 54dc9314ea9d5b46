/* catalog/client.h
 * A client of one endpoint, as a source file that stands alone. Its types say of the schemas what
 * the language can say; what it cannot is `unknown` or `Any`, and still checked by the gateway. */
#pragma once
#include "config/config.h"

enum client_language { CLIENT_TS, CLIENT_PYTHON, CLIENT_CURL, CLIENT_LANGUAGE_COUNT };

/* Writes it. `origin` is where the gateway is, as "https://ai.example.com"; `example` the body of a
 * call, as JSON. */
void client_write(const struct endpoint *endpoint, enum client_language language,
                  struct text origin, struct text example, struct arena *arena, struct buffer *out);
