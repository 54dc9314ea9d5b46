#include "telemetry/trace_context.h"

#include "base/random.h"

enum { KEY_MAX = 256, VALUE_MAX = 256 };

static bool all_zero(const uint8_t *bytes, size_t count)
{
    uint8_t any = 0;

    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

/* --- ids
 * ------------------------------------------------------------------------------------------ */

/* Drawn for many requests at once, per thread: an id has to be unique, and is told to everybody. */
static void draw(uint8_t *out, size_t bytes)
{
    static _Thread_local uint8_t pool[1536];
    static _Thread_local size_t used = sizeof pool;

    do {
        if (bytes > sizeof pool - used) {
            random_fill(pool, sizeof pool);
            used = 0;
        }
        memcpy(out, pool + used, bytes);
        used += bytes;
    } while (all_zero(out, bytes)); /* which is the id of nothing */
}

void trace_span_id(uint8_t out[SPAN_ID_BYTES])
{
    draw(out, SPAN_ID_BYTES);
}

void trace_begin(struct trace_context *out)
{
    *out = (struct trace_context){.flags = TRACE_RANDOM};
    draw(out->trace_id, sizeof out->trace_id);
    trace_span_id(out->span_id);
}

bool trace_has_parent(const struct trace_context *trace)
{
    return !all_zero(trace->parent_id, sizeof trace->parent_id);
}

/* --- traceparent
 * ---------------------------------------------------------------------------------- */

/* Lower case only, as it is specified. */
static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool read_hex(const char *at, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int high = digit_of(at[2 * i]), low = digit_of(at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* A later version begins in the same way, and may go on behind a dash. */
static bool has_length(struct text parent, uint8_t version)
{
    if (version == 0)
        return parent.len == TRACE_PARENT_CHARS;
    return version != 0xFF &&
           (parent.len == TRACE_PARENT_CHARS || parent.at[TRACE_PARENT_CHARS] == '-');
}

bool trace_parent_read(struct text parent, struct trace_context *out)
{
    struct trace_context read = *out;
    const char *at = parent.at;
    uint8_t version;

    if (parent.len < TRACE_PARENT_CHARS || !read_hex(at, &version, 1) ||
        !has_length(parent, version))
        return false;
    if (at[2] != '-' || at[35] != '-' || at[52] != '-' ||
        !read_hex(at + 3, read.trace_id, TRACE_ID_BYTES) ||
        !read_hex(at + 36, read.parent_id, SPAN_ID_BYTES) || !read_hex(at + 53, &read.flags, 1))
        return false;
    if (all_zero(read.trace_id, TRACE_ID_BYTES) || all_zero(read.parent_id, SPAN_ID_BYTES))
        return false;
    read.flags &= TRACE_FLAGS;
    *out = read;
    return true;
}

void trace_hex(char *out, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

struct trace_words trace_words_of(const struct trace_context *trace)
{
    struct trace_words words = {0};

    trace_hex(words.trace_id, trace->trace_id, TRACE_ID_BYTES);
    trace_hex(words.span_id, trace->span_id, SPAN_ID_BYTES);
    return words;
}

void trace_parent_write(char out[TRACE_PARENT_CHARS], const struct trace_context *trace,
                        const uint8_t span_id[SPAN_ID_BYTES])
{
    memcpy(out, "00-", 3);
    trace_hex(out + 3, trace->trace_id, TRACE_ID_BYTES);
    out[35] = '-';
    trace_hex(out + 36, span_id, SPAN_ID_BYTES);
    out[52] = '-';
    trace_hex(out + 53, &trace->flags, 1);
}

/* --- tracestate
 * ----------------------------------------------------------------------------------- */

static bool starts_key(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_key(struct text key)
{
    if (key.len == 0 || key.len > KEY_MAX || !starts_key(key.at[0]))
        return false;
    for (size_t i = 1; i < key.len; i++)
        if (!starts_key(key.at[i]) && (key.at[i] == '\0' || strchr("_-*/@", key.at[i]) == NULL))
            return false;
    return true;
}

/* Printable ASCII without ',' and '=', the last of it no space. */
static bool is_value(struct text value)
{
    if (value.len == 0 || value.len > VALUE_MAX || value.at[value.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < ' ' || value.at[i] > '~' || value.at[i] == ',' || value.at[i] == '=')
            return false;
    return true;
}

static bool is_new(struct text key, const struct text *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(keys[i], key))
            return false;
    return true;
}

/* Blanks and tabs may stand around a member; a leading blank of a value is its own. */
static struct text trim_blanks(struct text text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = text_after(text, 1);
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

bool trace_state_fits(struct text state)
{
    struct text keys[TRACE_STATE_MEMBERS], rest = state;
    size_t count = 0;

    if (state.len > TRACE_STATE_MAX)
        return false;
    while (rest.len > 0) {
        struct text member = trim_blanks(text_split(&rest, ',')), key;

        if (member.len == 0) /* which is allowed */
            continue;
        if (text_find_byte(member, '=') == member.len || count == TRACE_STATE_MEMBERS)
            return false;
        key = text_split(&member, '=');
        if (!is_key(key) || !is_value(member) || !is_new(key, keys, count))
            return false;
        keys[count++] = key;
    }
    return count > 0;
}

bool trace_join(struct text parent, struct text state, struct trace_context *out)
{
    if (!trace_parent_read(parent, out))
        return false;
    out->state = trace_state_fits(state) ? state : (struct text){0};
    return true;
}
