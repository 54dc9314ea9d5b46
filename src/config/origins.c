#include "config/origins.h"

#include "config/load.h"

#include <stdlib.h>

static bool is_scheme(struct text scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        char byte = scheme.at[i];
        bool letter = byte >= 'a' && byte <= 'z';

        if (!letter && (i == 0 || !((byte >= '0' && byte <= '9') || strchr("+-.", byte) != NULL)))
            return false;
    }
    return scheme.len > 0;
}

static bool is_port(struct text port)
{
    uint64_t number;

    return text_equal(port, TEXT("*")) ||
           (text_to_u64(port, &number) && number > 0 && number <= UINT16_MAX);
}

/* Where the port begins: behind the colon that is in no address of IPv6. */
static size_t host_bytes(struct text authority)
{
    size_t from = text_starts(authority, TEXT("[")) ? text_find_byte(authority, ']') : 0;

    return from + text_find_byte(text_after(authority, from), ':');
}

static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.len; i++) {
        char byte = host.at[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
              (byte != '\0' && strchr("-._[]:", byte) != NULL)))
            return false;
    }
    return host.len > 0;
}

bool origin_valid(struct text origin)
{
    size_t colon = text_find(origin, TEXT("://"));
    struct text authority = text_after(origin, colon + 3);
    size_t host = host_bytes(authority);

    if (text_equal(origin, TEXT("*")))
        return true;
    if (origin.len > ORIGIN_BYTES_MAX || !is_scheme(text_first(origin, colon)) ||
        !is_host(text_first(authority, host)))
        return false;
    return host == authority.len || is_port(text_after(authority, host + 1));
}

static bool matches(struct text listed, struct text sent)
{
    struct text any = TEXT(":*");
    size_t colon;
    uint64_t port;

    if (text_equal(listed, TEXT("*")) || text_equal_nocase(listed, sent))
        return true;
    if (!text_ends(listed, any))
        return false;
    listed.len -= any.len;
    colon = sent.len > listed.len ? listed.len : sent.len;
    return text_equal_nocase(listed, text_first(sent, colon)) &&
           (colon == sent.len ||
            (sent.at[colon] == ':' && text_to_u64(text_after(sent, colon + 1), &port)));
}

bool origin_allowed(const struct origins *origins, struct text sent)
{
    if (sent.len > ORIGIN_BYTES_MAX || text_equal(sent, TEXT("null")))
        return false;
    for (size_t i = 0; i < origins->count; i++)
        if (matches(origins->items[i], sent))
            return true;
    return false;
}

/* -- those of all -- */

static int in_order(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* Gives how many; `out` may be NULL. */
static size_t copy_all(const struct endpoint *endpoints, size_t count, struct text *out)
{
    size_t copied = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t o = 0; o < endpoints[i].origins.count; o++, copied++)
            if (out != NULL)
                out[copied] = endpoints[i].origins.items[o];
    return copied;
}

void load_all_origins(struct load *load)
{
    struct config *config = load->config;
    const struct origins *models = &config->settings.origins; /* by their own names */
    size_t of_endpoints = copy_all(config->endpoints, config->endpoint_count, NULL);
    size_t of_aliases = copy_all(config->aliases, config->alias_count, NULL), count = 0;
    size_t most = of_endpoints + of_aliases + models->count;
    struct text *items;

    if (most == 0)
        return;
    items = ARENA_ARRAY(load->arena, struct text, most);
    copy_all(config->endpoints, config->endpoint_count, items);
    copy_all(config->aliases, config->alias_count, items + of_endpoints);
    for (size_t i = 0; i < models->count; i++)
        items[of_endpoints + of_aliases + i] = models->items[i];
    qsort(items, most, sizeof *items, in_order);
    for (size_t i = 0; i < most; i++)
        if (i == 0 || !text_equal(items[i], items[count - 1]))
            items[count++] = items[i];
    config->origins = (struct origins){items, count};
}

/* -- of a file -- */

bool load_origins(struct load *load, const struct document *document, uint32_t cell,
                  struct origins *out)
{
    uint32_t count = cell == CELL_NONE ? 0 : load_members(load, document, cell, ORIGINS_MAX);
    struct text *items = ARENA_ARRAY(load->arena, struct text, count);
    struct reading reading = load_reading(load, document);
    bool good = true;

    *out = (struct origins){items, count};
    for (uint32_t i = 0, at = cell + 1; i < count; i++, at = document_next(document, at)) {
        struct diagnostic *it;

        if (document_cell(document, at)->type == CELL_STRING)
            items[i] = document_text(document, at);
        if (origin_valid(items[i]))
            continue;
        good = false;
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0106,
                      "'origins' lists origins of web pages: a scheme, a host and maybe a port; "
                      "found %.*s",
                      TEXT_ARG(found_text(&reading, at, false)));
        diagnostic_hint(load->diagnostics, it,
                        "write origins: [https://app.example.com, \"http://localhost:*\"], without "
                        "a path and in lower case");
    }
    return good;
}
