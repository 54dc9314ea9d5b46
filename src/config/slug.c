/* The first segments of the paths that the gateway itself serves are not for endpoints. Of those
 * only the ones that could be a slug are listed: "openapi.json" and "llms.txt" have a dot. */
#include "config/config.h"

static const char *const reserved[] = {"admin",   "api",    "dashboard", "docs",
                                       "healthz", "livez",  "mcp",       "metrics",
                                       "readyz",  "schema", "v1"};

bool slug_reserved(struct text slug)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (text_equal(slug, text_of(reserved[i])))
            return true;
    return false;
}

bool slug_valid(struct text slug)
{
    if (slug.len == 0 || slug.len > 63)
        return false;
    for (size_t i = 0; i < slug.len; i++) {
        char byte = slug.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!letter && (byte != '-' || i == 0))
            return false;
    }
    return !slug_reserved(slug);
}
