#include "catalog/catalog.h"

#include "base/clock.h"

bool catalog_shows(const struct catalog *catalog, const struct endpoint *endpoint)
{
    return catalog->token == NULL || token_scope_allows(catalog->token, endpoint->slug);
}

enum { DATE_BYTES = 10 };

void catalog_put_deprecation(const struct endpoint *endpoint, struct buffer *out)
{
    const struct deprecation *rule = &endpoint->deprecated;
    char date[CLOCK_RFC3339_BYTES];

    if (!rule->said)
        return;
    buffer_put(out, TEXT("Deprecated since "));
    buffer_put(out, text_first(clock_rfc3339(rule->since_ms, date), DATE_BYTES));
    if (rule->sunset_ms != INT64_MAX) {
        buffer_put(out, TEXT("; not served from "));
        buffer_put(out, text_first(clock_rfc3339(rule->sunset_ms, date), DATE_BYTES));
        buffer_put(out, TEXT(" on"));
    }
    buffer_put_byte(out, '.');
}
