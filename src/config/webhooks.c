/* `webhooks` of pinion.yaml: who is told of events. An address has to fulfil what that of a
 * provider has to, and may have a query besides, as many receivers keep a credential there: so it
 * is shown to nobody without what is behind the host's path. */
#include "config/base_url.h"
#include "config/load.h"
#include "config/tls_files.h"
#include "config/value.h"
#include "document/names.h"

#include <ctype.h>

#define NAME_PATTERN "^[a-z0-9][a-z0-9._-]{0,62}$"

struct webhook_draft {
    uint32_t name, url, secret, events, ca_file;
    bool allow_http, allow_private;
};

/* One webhook under way. */
struct reader {
    struct load *load;
    const struct document *document;
    uint32_t mark; /* the mapping */
    struct webhook_draft draft;
    struct webhook *out;
};

static const char *const event_words[] = {
#define X(name, word, usual) word,
    WEBHOOK_EVENTS(X)
#undef X
        NULL};

// clang-format off
static const struct key webhook_keys[] = {
    {.name = "name", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct webhook_draft, name), .hint = "name: ops",
     .about = "What it is called by commands and in the log; without it, the host of its URL. What waits for it waits under this name.",
     .example = "ops", .pattern = NAME_PATTERN},
    {.name = "url", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), .required = true, FIELD(struct webhook_draft, url), .hint = "url: https://hooks.example.com/pinion",
     .about = "Where events are sent to.",
     .example = "https://hooks.example.com/pinion"},
    {.name = "secret", .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | KEY_OF(CELL_ARRAY), .secret = true, .required = true, FIELD(struct webhook_draft, secret), .hint = "secret: \"${secret:hooks}\"",
     .about = "What events are signed with, or a list of two, while one takes the place of the other. It is named here, not written out.",
     .example = "\"${secret:hooks}\"", .each_types = KEY_OF(CELL_STRING)},
    {.name = "events", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct webhook_draft, events), .hint = "events: [budget, canary]",
     .about = "Which kinds of events it is told of; without it, all but 'process' and 'audit'.",
     .example = "[budget, canary]", .each_types = KEY_OF(CELL_STRING), .words = event_words, .items_least = 1},
    {.name = "ca_file", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct webhook_draft, ca_file), .hint = "ca_file: /etc/ssl/our-ca.pem",
     .about = "Certificates that are trusted instead of the system's authorities.",
     .example = "/etc/ssl/our-ca.pem"},
    {.name = "allow_http", .type = KEY_BOOLEAN, FIELD(struct webhook_draft, allow_http),
     .about = "Speak to it without TLS.",
     .example = "false"},
    {.name = "allow_private", .type = KEY_BOOLEAN, FIELD(struct webhook_draft, allow_private),
     .about = "Allow private and loopback addresses.",
     .example = "false"},
};
// clang-format on
const struct keys webhook_table = KEYS_OF(webhook_keys);

static bool refuse(const struct reader *reader, uint32_t cell, enum diagnostic_code code,
                   const char *what, const char *hint)
{
    struct diagnostic *it =
        diagnose(reader->load->diagnostics, reader->document, cell, code, "%s", what);

    diagnostic_hint(reader->load->diagnostics, it, "%s", hint);
    return false;
}

/* Whatever is wrong with them: what may be a credential that was written out is not shown. */
static void mask_secrets(struct load *load, const struct document *document, uint32_t cell)
{
    static const char *const names[] = {"secret", "secrets", "key", "token", "password", "url"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t value = document_member(document, cell, text_of(names[i]));
        struct text written;

        if (value == CELL_NONE)
            continue;
        if (!text_equal(text_of(names[i]), TEXT("url"))) {
            uint32_t first = document_cell(document, value)->type == CELL_ARRAY ? value + 1 : value;

            for (uint32_t at = first; at < document_next(document, value);
                 at = document_next(document, at))
                load_mask(load, document, at);
            continue;
        }
        if (document_cell(document, value)->type != CELL_STRING)
            continue;
        written = document_text(document, value);
        if (text_find_byte(written, '?') < written.len ||
            text_find_byte(written, '@') < written.len)
            load_mask(load, document, value);
    }
}

/* --- where it is ---------------------------------------------------------------------------------
 */

static bool allowed(const struct reader *reader, const struct base_url *url)
{
    uint32_t cell = reader->draft.url;

    if (url->kind == ADDRESS_NEVER)
        return refuse(reader, cell, DIAGNOSTIC_E0106,
                      "'url' leads to a metadata service, which is never called",
                      "name the host of the receiver itself");
    if (url->kind == ADDRESS_PRIVATE && !reader->draft.allow_private)
        return refuse(reader, cell, DIAGNOSTIC_E0106,
                      "'url' leads to a private or loopback address",
                      "if that is meant, add allow_private: true to this webhook");
    return url->https || reader->draft.allow_http ||
           refuse(reader, cell, DIAGNOSTIC_E0106,
                  "'url' uses http, which sends events in the clear",
                  "use https, or add allow_http: true to this webhook");
}

static bool is_query(struct text query)
{
    for (size_t i = 0; i < query.len; i++) {
        unsigned char byte = (unsigned char)query.at[i];

        if (byte <= 0x20 || byte >= 0x7F || strchr("#\"<>\\^`{|}", byte) != NULL)
            return false;
    }
    return true;
}

/* What a name that is not given is made of; empty: it cannot be. */
static struct text name_of_host(const struct reader *reader, struct text host)
{
    char *out = arena_bytes(reader->load->arena, host.len);

    if (host.len > WEBHOOK_NAME_BYTES_MAX || host.at[0] == '[')
        return (struct text){0};
    for (size_t i = 0; i < host.len; i++)
        out[i] = (char)tolower((unsigned char)host.at[i]);
    return (struct text){out, host.len};
}

static bool read_url(struct reader *reader)
{
    struct load *load = reader->load;
    uint32_t cell = reader->draft.url;
    struct text written = document_text(reader->document, cell), whole, head;
    bool hidden = text_find(written, TEXT("${")) < written.len, missing;
    struct base_url_fault fault;
    struct base_url url;
    size_t query;

    if (!load_secret(load, reader->document, cell, &whole, &missing))
        return false;
    reader->out->missing |= missing;
    reader->out->shown = TEXT("***");
    if (missing)
        return true;
    query = text_find_byte(whole, '?');
    head = text_first(whole, query);
    if (!base_url_parse(head, &url, &fault) || !is_query(text_after(whole, query + 1)))
        return refuse(reader, cell, DIAGNOSTIC_E0106, "'url' is malformed",
                      "it is written https://hooks.example.com/pinion, perhaps with a query; what "
                      "URLs cannot have is percent-encoded");
    reader->out->url = whole;
    if (!hidden) {
        reader->out->shown = head;
        if (reader->out->name.len == 0)
            reader->out->name = name_of_host(reader, url.host);
    }
    return allowed(reader, &url);
}

/* --- what it is signed with ----------------------------------------------------------------------
 */

static bool read_secret(struct reader *reader, uint32_t cell, struct text *out)
{
    bool missing;

    if (document_cell(reader->document, cell)->type != CELL_STRING)
        return refuse(reader, cell, DIAGNOSTIC_E0103, "'secret' is a text, or a list of two",
                      "write secret: \"${secret:hooks}\"");
    if (!load_secret(reader->load, reader->document, cell, out, &missing))
        return false;
    reader->out->missing |= missing;
    return missing || out->len >= WEBHOOK_SECRET_BYTES_MIN ||
           refuse(reader, cell, DIAGNOSTIC_E0106, "a secret that signs has at least 16 bytes",
                  "make one with: openssl rand -hex 32");
}

static bool read_secrets(struct reader *reader)
{
    const struct document *document = reader->document;
    uint32_t cell = reader->draft.secret;
    bool list = document_cell(document, cell)->type == CELL_ARRAY, good = true;
    uint32_t count = list ? document_cell(document, cell)->size : 1;
    struct text *secrets = ARENA_ARRAY(reader->load->arena, struct text, WEBHOOK_SECRETS_MAX);

    if (count == 0 || count > WEBHOOK_SECRETS_MAX)
        return refuse(reader, cell, DIAGNOSTIC_E0104, "'secret' is one, or a list of two at most",
                      "the new one and the old one, until every receiver knows the new one");
    for (uint32_t at = list ? cell + 1 : cell; at < document_next(document, cell);
         at = document_next(document, at))
        good &= read_secret(reader, at, &secrets[reader->out->secret_count++]);
    reader->out->secrets = secrets;
    return good;
}

/* --- the rest ------------------------------------------------------------------------------------
 */

static bool read_event(struct reader *reader, uint32_t cell)
{
    struct arena *arena = reader->load->diagnostics->arena;
    struct text names[WEBHOOK_EVENT_COUNT], near, written = {0};
    const char *hint;

    if (document_cell(reader->document, cell)->type == CELL_STRING)
        written = document_text(reader->document, cell);
    for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++) {
        names[i] = text_of(event_words[i]);
        if (text_equal(names[i], written)) {
            reader->out->events |= 1u << i;
            return true;
        }
    }
    near = nearest_name(written, names, WEBHOOK_EVENT_COUNT);
    hint = near.len > 0 ? arena_printf(arena, "did you mean \"%.*s\"?", TEXT_ARG(near)).at
                        : arena_printf(arena, "there are: %.*s",
                                       TEXT_ARG(names_joined(arena, names, WEBHOOK_EVENT_COUNT)))
                              .at;
    return refuse(reader, cell, DIAGNOSTIC_E0105, "there are no events of that kind", hint);
}

static bool read_events(struct reader *reader)
{
    const struct document *document = reader->document;
    uint32_t cell = reader->draft.events;
    bool good = true;

    reader->out->events = cell == CELL_NONE ? webhook_usual_events() : 0;
    if (cell == CELL_NONE)
        return true;
    if (document_cell(document, cell)->size == 0)
        return refuse(reader, cell, DIAGNOSTIC_E0104, "'events' is empty",
                      "list what it is to be told of, or remove the webhook");
    for (uint32_t at = cell + 1; at < document_next(document, cell);
         at = document_next(document, at))
        good &= read_event(reader, at);
    return good;
}

static bool read_anchors(struct reader *reader)
{
    struct load *load = reader->load;
    struct text path;
    bool missing;

    if (reader->draft.ca_file == CELL_NONE)
        return true;
    if (!load_secret(load, reader->document, reader->draft.ca_file, &path, &missing))
        return false;
    reader->out->missing |= missing;
    if (missing)
        return true;
    if (!tls_anchors_check(load, reader->document, reader->draft.ca_file, path))
        return false;
    reader->out->ca_file = path.at[0] == '/' || text_equal(load->config->folder, TEXT("."))
                               ? path
                               : arena_printf(load->arena, "%.*s/%.*s",
                                              TEXT_ARG(load->config->folder), TEXT_ARG(path));
    return true;
}

static bool name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool first = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!first && (i == 0 || (byte != '.' && byte != '_' && byte != '-')))
            return false;
    }
    return name.len > 0 && name.len <= WEBHOOK_NAME_BYTES_MAX;
}

/* Once the URL is known, which gives one that is not said. */
static bool check_name(struct reader *reader, const struct webhook *before, size_t count)
{
    bool said = reader->draft.name != CELL_NONE;
    uint32_t cell = said ? reader->draft.name : reader->mark;

    if (!name_valid(reader->out->name))
        return refuse(reader, cell, DIAGNOSTIC_E0106,
                      said ? "the name of a webhook is malformed"
                           : "this webhook needs a name, as its URL gives it none",
                      "write name: ops, or 1 to 63 other characters of a-z, 0-9, '.', '-' and '_', "
                      "the first a letter or digit");
    for (size_t i = 0; i < count; i++)
        if (text_equal(before[i].name, reader->out->name))
            return refuse(reader, cell, DIAGNOSTIC_E0106, "two webhooks have the same name",
                          "give this one another, with name: ops");
    return true;
}

static bool read_webhook(struct load *load, const struct document *document, uint32_t cell,
                         struct webhook *items, size_t count)
{
    struct reader reader = {load, document, cell, {0}, &items[count]};
    struct reading reading = load_reading(load, document);
    bool good;

    if (document_cell(document, cell)->type != CELL_OBJECT)
        return refuse(&reader, cell, DIAGNOSTIC_E0103, "a webhook is described by a mapping",
                      "it is written {url: https://hooks.example.com/pinion, secret: "
                      "\"${secret:hooks}\"}");
    items[count] = (struct webhook){0}; /* one that was refused may have stood there */
    mask_secrets(load, document, cell);
    good = keys_read(&reading, cell, cell, &webhook_table, &reader.draft);
    if (reader.draft.name != CELL_NONE)
        reader.out->name = document_text(document, reader.draft.name);
    reader.out->allow_private = reader.draft.allow_private;
    if (reader.draft.url == CELL_NONE || reader.draft.secret == CELL_NONE)
        return false;
    good &= read_url(&reader);
    good &= read_secrets(&reader);
    good &= read_events(&reader);
    good &= read_anchors(&reader);
    return good && check_name(&reader, items, count);
}

void load_webhooks(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, WEBHOOKS_MAX);
    struct webhook *items = ARENA_ARRAY(load->arena, struct webhook, members + 1);
    size_t count = 0;

    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at))
        count += read_webhook(load, document, at, items, count);
    load->config->webhooks = items;
    load->config->webhook_count = count;
}
