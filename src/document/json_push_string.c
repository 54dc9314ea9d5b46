/* Runs of bytes that stand for themselves go out as parts of the piece; an escape goes out when it
 * is complete. A string that begins and ends in one piece and has no escapes makes one event. */
#include "document/json_push_internal.h"

#include "document/json_token.h"
#include "document/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum string_state {
    STRING_PLAIN,
    STRING_ESCAPE,        /* behind a backslash */
    STRING_UNIT,          /* behind \u, before the first digit; then three states more */
    STRING_BACKSLASH = 6, /* behind a high surrogate */
    STRING_U,             /* likewise, and a backslash */
};

/* As json_plain_bytes. Where fewer than sixteen bytes are left of a longer piece, as is the rule
 * when pieces are short, the last sixteen are looked at, and those before push->at left out. */
static size_t plain_bytes(const struct json_push *push, unsigned *high)
{
#ifdef __SSE2__
    size_t left = (size_t)(push->end - push->at);

    if (left < 16 && left > 0 && push->end - push->piece >= 16) {
        const __m128i last_control = _mm_set1_epi8(0x1F);
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(push->end - 16));
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
        unsigned stops, tops = (unsigned)_mm_movemask_epi8(block) >> (16 - left);
        size_t plain;

        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
        stops = (unsigned)_mm_movemask_epi8(stop) >> (16 - left);
        plain = stops != 0 ? (size_t)__builtin_ctz(stops) : left;
        *high |= tops & ((1u << plain) - 1);
        return plain;
    }
#endif
    return json_plain_bytes(push->at, push->end, high);
}

static bool is_plain_run(struct json_push *push, size_t len, unsigned high)
{
    return high == 0 || utf8_valid((struct text){push->at, len}) == len;
}

/* The token is complete: an event, unless it is a name that was there before. */
static enum json_event finish(struct json_push *push, struct text text)
{
    push->text = text;
    push->cell = (struct cell){
        .type = CELL_STRING,
        .flags = (uint8_t)((push->high ? 0 : CELL_ASCII) | (push->escaped ? CELL_ESCAPED : 0)),
        .size = (uint32_t)text.len};
    push->cell.text = text.at;
    push->byte = push_byte(push, push->at);
    if (push->in_name && !push_name_add(push, text))
        return push_refuse(push, "a name that the object does not have yet");
    push->at++;
    if (push->in_name)
        cell_hash_name(&push->cell);
    if (push->collecting)
        push_collect_scalar(push, &push->cell);
    if (push->in_name)
        push->state = PUSH_COLON;
    else
        push_ended(push);
    return push->in_name ? JSON_NAME : JSON_STRING;
}

enum json_event push_string_start(struct json_push *push, bool name)
{
    unsigned high = 0;
    size_t plain;

    push->start = push->byte = push_byte(push, push->at++);
    push->in_name = name;
    push->escaped = push->parts = false;
    plain = plain_bytes(push, &high);
    push->high = high;
    if (plain < (size_t)(push->end - push->at) && push->at[plain] == '"' &&
        is_plain_run(push, plain, high)) {
        push->at += plain;
        return finish(push, (struct text){push->at - plain, plain});
    }
    push->high = 0;
    push->run_end = NULL;
    push->parts = true;
    push->gathering = name || push->collecting;
    push->token.len = 0;
    push->tail = 0;
    push->high_surrogate = 0;
    push->token_state = STRING_PLAIN;
    push->state = PUSH_STRING;
    push->part = (struct text){push->at, high ? 0 : plain};
    push->part_byte = push->start + 1;
    push->escape = false;
    push->ascii = true;
    push->untaken = push->part.len > 0;
    push->at += push->part.len;
    if (high) {
        push->run_end = push->at + plain; /* looked at next */
        push->run_high = high;
    }
    return name ? JSON_NAME_START : JSON_STRING_START;
}

void push_take_part(struct json_push *push)
{
    push->untaken = false;
    if (push->gathering)
        buffer_put(&push->token, push->part);
}

static enum json_event put_part(struct json_push *push, struct text part, bool escape)
{
    push->part = part;
    push->escape = escape;
    push_take_part(push);
    return JSON_PART;
}

/* One byte of a sequence beyond ASCII: Unicode, table 3-7. */
static bool step_utf8(struct json_push *push, unsigned char byte)
{
    if (push->tail > 0) {
        if (byte < push->tail_low || byte > push->tail_high)
            return false;
        push->tail--;
    } else if (byte < 0xC2 || byte > 0xF4) {
        return byte < 0x80;
    } else {
        push->tail = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    }
    push->tail_low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    push->tail_high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
}

/* What is left of a run behind its well-formed bytes, or continues a sequence that was cut: at most
 * a few bytes until one is wrong or the piece ends. Returns false at a wrong one. */
static bool take_sequences(struct json_push *push, const char *run_end)
{
    for (; push->at < run_end; push->at++) {
        if (push->tail == 0 && (unsigned char)*push->at < 0x80)
            break;
        if (!step_utf8(push, (unsigned char)*push->at))
            return false;
    }
    return push->tail == 0 || push->at == push->end;
}

/* A run of bytes that stand for themselves. */
static enum json_event take_run(struct json_push *push)
{
    const char *start = push->at, *run_end = push->run_end;
    unsigned high = push->run_high;

    if (run_end == NULL) {
        high = 0;
        run_end = start + plain_bytes(push, &high);
    }
    push->run_end = NULL;
    push->high |= high;
    push->ascii = high == 0;
    push->part_byte = push_byte(push, start);
    if (high || push->tail > 0) {
        bool sound = true;

        while (sound && push->at < run_end) {
            if (push->tail == 0)
                push->at += utf8_valid(text_between(push->at, run_end));
            sound = take_sequences(push, run_end);
        }
        if (!sound || (push->tail > 0 && push->at < push->end)) {
            /* What stands before the wrong byte is told first: it may decide. */
            if (push->at == start)
                return push_refuse(push, "well-formed UTF-8");
            return put_part(push, text_between(start, push->at), false);
        }
    }
    push->at = run_end;
    return put_part(push, text_between(start, run_end), false);
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Whether the digits so far, `count` of them, may become a unit that can stand here. */
static bool unit_possible(const struct json_push *push, unsigned count)
{
    unsigned missing = 4 * (4 - count);
    uint32_t least = push->unit << missing, most = least | ((1u << missing) - 1);

    if (push->high_surrogate != 0)
        return most >= 0xDC00 && least <= 0xDFFF;
    return least < 0xDC00 || most > 0xDFFF;
}

static enum json_event finish_escape(struct json_push *push, uint32_t code_point)
{
    size_t len = utf8_encode(code_point, push->decoded);

    push->high |= code_point >= 0x80;
    push->ascii = code_point < 0x80;
    push->high_surrogate = 0;
    push->token_state = STRING_PLAIN;
    push->part_byte = push_byte(push, push->at++);
    return put_part(push, (struct text){push->decoded, len}, true);
}

/* A hexadecimal digit; JSON_WHOLE stands for: go on. */
static enum json_event take_digit(struct json_push *push)
{
    int digit = hex_digit(*push->at);
    unsigned count = push->token_state - STRING_UNIT + 1u;

    if (digit < 0)
        return push_refuse(push, "four hexadecimal digits after \\u");
    push->unit = push->unit << 4 | (uint32_t)digit;
    if (!unit_possible(push, count))
        return push_refuse(push, "a high surrogate before every low one, and only there");
    push->token_state++;
    if (count == 4 && push->high_surrogate != 0)
        return finish_escape(push, 0x10000 + ((push->high_surrogate - 0xD800) << 10) +
                                       (push->unit - 0xDC00));
    if (count == 4 && (push->unit < 0xD800 || push->unit > 0xDFFF))
        return finish_escape(push, push->unit);
    if (count == 4)
        push->high_surrogate = push->unit;
    push->at++;
    return JSON_WHOLE;
}

/* One byte of an escape; JSON_WHOLE stands for: go on. */
static enum json_event take_escape(struct json_push *push)
{
    static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found;

    switch (push->token_state) {
    case STRING_ESCAPE:
        if (*push->at == 'u')
            break;
        found = *push->at != '\0' ? strchr(plain, *push->at) : NULL;
        if (found == NULL)
            return push_refuse(push, "one of \" \\ / b f n r t u after a backslash");
        return finish_escape(push, (uint32_t)meant[found - plain]);
    case STRING_BACKSLASH:
    case STRING_U:
        if (*push->at != (push->token_state == STRING_U ? 'u' : '\\'))
            return push_refuse(push, "the escape of a low surrogate after a high one");
        if (push->token_state == STRING_U)
            break;
        push->token_state = STRING_U;
        push->at++;
        return JSON_WHOLE;
    default:
        return take_digit(push);
    }
    push->unit = 0;
    push->token_state = STRING_UNIT;
    push->at++;
    return JSON_WHOLE;
}

static struct text gathered(const struct json_push *push)
{
    return push->gathering ? buffer_text(&push->token) : (struct text){0};
}

enum json_event push_string(struct json_push *push)
{
    enum json_event event = JSON_WHOLE;

    while (event == JSON_WHOLE && push->at < push->end) {
        unsigned char byte = (unsigned char)*push->at;

        if (push->token_state != STRING_PLAIN) {
            event = take_escape(push);
        } else if (byte >= 0x20 && byte != '"' && byte != '\\') {
            event = take_run(push);
            if (event == JSON_PART && push->tail == 0 && push->at < push->end && *push->at == '"')
                event = finish(push, gathered(push)); /* the last part comes with the end */
        } else if (push->tail > 0) {
            event = push_refuse(push, "well-formed UTF-8");
        } else if (byte == '"') {
            push->part.len = 0;
            event = finish(push, gathered(push));
        } else if (byte == '\\') {
            push->escaped = true;
            push->token_state = STRING_ESCAPE;
            push->at++;
        } else {
            event = push_refuse(push, "an escape for a control character");
        }
    }
    return event == JSON_WHOLE ? JSON_MORE : event;
}
