/* Escapes, a byte at a time. A unit is refused on the digit after which it can no longer become one
 * that may stand there. */
#include "document/json_push_internal.h"

#include "document/utf8.h"

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

    push->high = push->high || code_point >= 0x80;
    push->high_surrogate = 0;
    push->token_state = STRING_PLAIN;
    push->part_byte = push_byte(push, push->at++);
    return push_part(push, (struct text){push->decoded, len}, 1, true);
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

enum json_event push_escape(struct json_push *push)
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
