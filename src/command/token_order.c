#include "command/token_order.h"

#include "base/clock.h"
#include "config/value.h"
#include "document/json_read.h"
#include "document/json_write.h"

bool token_order_duration(const char *given, int64_t *out_ms)
{
    uint64_t ms = 0;

    if (text_equal(text_of(given), TEXT("0"))) {
        *out_ms = 0;
        return true;
    }
    if (!duration_parse(text_of(given), &ms) || ms >= INT64_MAX / 2)
        return false;
    *out_ms = (int64_t)ms;
    return true;
}

static void put_list(const struct command_line *line, const char *flag, const char *member,
                     struct buffer *out)
{
    const char *const *texts;
    size_t count = option_texts(line, flag, &texts);

    if (count == 0)
        return;
    json_put_name(out, member);
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(texts[i]));
    }
    buffer_put_byte(out, ']');
}

static bool put_tags(const struct command_line *line, struct buffer *out, struct error *err)
{
    const char *const *texts;
    size_t count = option_texts(line, "tag", &texts);

    if (count == 0)
        return true;
    json_put_name(out, "tags");
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct text value = text_of(texts[i]), name;

        if (text_find_byte(value, '=') == value.len)
            return error_set(err, ERROR_INVALID_REQUEST, "--tag",
                             "'%s' is no tag; expected NAME=VALUE", texts[i]);
        name = text_split(&value, '=');
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, name);
        buffer_put_byte(out, ':');
        json_put_string(out, value);
    }
    buffer_put_byte(out, '}');
    return true;
}

static bool put_expiry(const struct command_line *line, int64_t now_ms, struct buffer *out,
                       struct error *err)
{
    const char *given = option_text(line, "expires");
    char when[CLOCK_RFC3339_BYTES];
    int64_t ms;

    if (given == NULL)
        return true;
    json_put_name(out, "expires_at");
    if (strcmp(given, "never") == 0) {
        buffer_put(out, TEXT("null"));
        return true;
    }
    if (token_order_duration(given, &ms))
        ms += now_ms;
    else if (!clock_parse_rfc3339(text_of(given), &ms))
        return error_set(err, ERROR_INVALID_REQUEST, "--expires",
                         "'%s' is neither a duration such as 90d nor a date such as 2027-01-31",
                         given);
    if (ms < 0 || ms > 253402300799999) /* the last moment of the year 9999 */
        return error_set(err, ERROR_INVALID_REQUEST, "--expires", "'%s' is too far away", given);
    json_put_string(out, clock_rfc3339(ms, when));
    return true;
}

/* One of an object's members, which is begun with the first. */
struct member {
    const char *flag, *name;
};

static bool put_amount(const char *given, bool whole, struct buffer *out)
{
    struct text text = text_of(given);
    uint64_t number;

    if (strcmp(given, "none") == 0)
        buffer_put(out, TEXT("null"));
    else if (!whole)
        json_put_string(out, text);
    else if (text_to_u64(text, &number))
        buffer_put(out, text);
    else
        return false;
    return true;
}

static bool put_amounts(const struct command_line *line, const char *object,
                        const struct member *members, size_t count, bool whole, struct buffer *out,
                        struct error *err)
{
    bool begun = false;

    for (size_t i = 0; i < count; i++) {
        const char *given = option_text(line, members[i].flag);

        if (given == NULL)
            continue;
        if (!begun) {
            json_put_name(out, object);
            buffer_put_byte(out, '{');
            begun = true;
        }
        json_put_name(out, members[i].name);
        if (!put_amount(given, whole, out))
            return error_set(err, ERROR_INVALID_REQUEST, members[i].flag,
                             "--%s: '%s' is neither a number nor none", members[i].flag, given);
    }
    if (begun)
        buffer_put_byte(out, '}');
    return true;
}

static bool put_guardrails(const struct command_line *line, struct buffer *out, struct error *err)
{
    const char *given = option_text(line, "guardrails");
    struct arena arena = {0};
    struct document document;
    bool good;

    if (given == NULL)
        return true;
    json_put_name(out, "guardrails");
    if (strcmp(given, "none") == 0) {
        buffer_put(out, TEXT("null"));
        return true;
    }
    good = json_read(text_of(given), NULL, &arena, &document, NULL, NULL);
    if (good)
        json_put_cell(out, &document, 0);
    arena_release(&arena);
    return good || error_set(err, ERROR_INVALID_REQUEST, "--guardrails",
                             "--guardrails takes JSON such as '{\"pii\": \"mask\"}', or none");
}

bool token_order_put(const struct command_line *line, int64_t now_ms, struct buffer *out,
                     struct error *err)
{
    static const struct member limits[] = {{"per-minute", "per_minute"},
                                           {"per-hour", "per_hour"},
                                           {"tokens-per-minute", "tokens_per_minute"},
                                           {"concurrent", "concurrent"}};
    static const struct member budget[] = {{"monthly-usd", "monthly_usd"},
                                           {"daily-usd", "daily_usd"}};
    static const struct member texts[] = {{"name", "name"}, {"on-revoke", "on_revoke"}};

    buffer_put_byte(out, '{');
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (option_text(line, texts[i].flag) != NULL)
            json_put_text(out, texts[i].name, text_of(option_text(line, texts[i].flag)));
    put_list(line, "scope", "scopes", out);
    put_list(line, "verb", "verbs", out);
    put_list(line, "model", "models", out);
    put_list(line, "address", "addresses", out);
    return put_tags(line, out, err) && put_expiry(line, now_ms, out, err) &&
           put_amounts(line, "limits", limits, 4, true, out, err) &&
           put_amounts(line, "budget", budget, 2, false, out, err) &&
           put_guardrails(line, out, err);
}
