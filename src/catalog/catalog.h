/* catalog/catalog.h
 * The configuration as callers see it: what may be called, with what, and what comes back. Pure:
 * from a configuration and a token to bytes. Of an endpoint it shows what is promised to callers,
 * its schemas and examples, and nothing of how it keeps the promise: no prompts, providers, models
 * or routes. What the token may not call is not there, and not counted. */
#pragma once
#include "auth/token.h"
#include "base/buffer.h"
#include "config/config.h"

struct catalog {
    const struct config *config;
    const struct token_record *token; /* NULL: whoever asks may call everything */
    struct text origin;               /* "https://ai.example.com", without a slash at its end */
};

/* Whether the endpoint is one of those shown. */
bool catalog_shows(const struct catalog *catalog, const struct endpoint *endpoint);

/* openapi.c: what the OpenAPI document says of one endpoint, whoever asks: made once, as it takes
 * its time. JSON, in the arena. */
struct catalog_piece {
    struct text path;    /* a member of `paths` */
    struct text schemas; /* members of `components.schemas`, each behind a comma */
    unsigned uses;       /* enum openapi_use */
};
void catalog_piece_make(const struct endpoint *endpoint, struct arena *arena,
                        struct catalog_piece *out);
/* The OpenAPI 3.1 document, one operation per endpoint, as compact JSON; the pieces are by endpoint
 * of the configuration. */
void catalog_put_openapi(const struct catalog *catalog, const struct catalog_piece *pieces,
                         struct arena *arena, struct buffer *out);
/* markdown.c: a page about one endpoint, for people and for models. */
void catalog_put_page(const struct catalog *catalog, const struct endpoint *endpoint,
                      struct arena *arena, struct buffer *out);
/* "Deprecated since 2026-11-01; not served from 2027-02-01 on." Nothing where it is not. */
void catalog_put_deprecation(const struct endpoint *endpoint, struct buffer *out);
/* What there is, as llms.txt (llmstxt.org) says it: without a token the general part only. */
void catalog_put_llms(const struct catalog *catalog, bool general, struct buffer *out);
/* error_page.c: every code of errors and what to do, as a page of HTML with an anchor for each. */
void catalog_put_errors(struct buffer *out);
