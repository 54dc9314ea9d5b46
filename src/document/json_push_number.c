/* RFC 8259 section 6, a byte at a time. The finished number is read by the reader of whole texts,
 * which knows its value. */
#include "document/json_push_internal.h"

#include "base/check.h"
#include "document/json_token.h"

enum number_state {
    NUMBER_SIGN,       /* '-' */
    NUMBER_ZERO,       /* a leading zero */
    NUMBER_WHOLE,      /* digits */
    NUMBER_POINT,      /* '.' */
    NUMBER_FRACTION,   /* digits behind it */
    NUMBER_EXPONENT,   /* 'e' */
    NUMBER_POWER_SIGN, /* its sign */
    NUMBER_POWER,      /* its digits */
    NUMBER_OVER,       /* the byte is no part of the number */
    NUMBER_WRONG,      /* nor may it follow */
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool may_end(unsigned state)
{
    return state == NUMBER_ZERO || state == NUMBER_WHOLE || state == NUMBER_FRACTION ||
           state == NUMBER_POWER;
}

static enum number_state step(unsigned state, char byte)
{
    if (is_digit(byte)) {
        switch (state) {
        case NUMBER_SIGN:
            return byte == '0' ? NUMBER_ZERO : NUMBER_WHOLE;
        case NUMBER_ZERO:
            return NUMBER_WRONG;
        case NUMBER_WHOLE:
            return NUMBER_WHOLE;
        case NUMBER_POINT:
        case NUMBER_FRACTION:
            return NUMBER_FRACTION;
        default:
            return NUMBER_POWER;
        }
    }
    if (byte == '.' && (state == NUMBER_ZERO || state == NUMBER_WHOLE))
        return NUMBER_POINT;
    if ((byte == 'e' || byte == 'E') && may_end(state) && state != NUMBER_POWER)
        return NUMBER_EXPONENT;
    if ((byte == '+' || byte == '-') && state == NUMBER_EXPONENT)
        return NUMBER_POWER_SIGN;
    return may_end(state) ? NUMBER_OVER : NUMBER_WRONG;
}

/* Moves over the bytes of the number in this piece; false when one is refused. */
static bool scan(struct json_push *push)
{
    for (; push->at < push->end; push->at++) {
        enum number_state next = step(push->token_state, *push->at);

        if (next == NUMBER_WRONG) {
            push_refuse(push, push->token_state == NUMBER_ZERO ? "no digit after a leading zero"
                                                               : "a digit");
            return false;
        }
        if (next == NUMBER_OVER)
            return true;
        if (is_digit(*push->at) && ++push->digits > push->limits.digits) {
            push_refuse(push, "fewer digits");
            return false;
        }
        push->token_state = (uint8_t)next;
    }
    return true;
}

static enum json_event finish(struct json_push *push, struct text number)
{
    struct json_problem problem;
    const char *end = json_read_number(number.at, number.at + number.len, push->limits.digits,
                                       &push->cell, &problem);

    CHECK(end == number.at + number.len);
    push->text = number;
    push->byte = push_byte(push, push->at);
    push_ended(push);
    if (push->collecting)
        push_collect_scalar(push, &push->cell);
    return JSON_NUMBER;
}

/* Before the first digit, which goes into the token when the number is cut. */
static void begin(struct json_push *push, const char *start)
{
    push->at = start + (*start == '-');
    push->digits = 0;
    push->token.len = 0;
    push->cell = (struct cell){0};
    push->token_state = NUMBER_SIGN;
    push->state = PUSH_NUMBER;
}

enum json_event push_number_start(struct json_push *push)
{
    const char *start = push->at;

    push->start = push_byte(push, start);
    begin(push, start);
    if (!scan(push))
        begin(push, start); /* that it begins is told first: it may decide */
    else if (push->at < push->end)
        return finish(push, text_between(start, push->at));
    buffer_put(&push->token, text_between(start, push->at));
    push->byte = push->start;
    return JSON_NUMBER_START;
}

enum json_event push_number(struct json_push *push)
{
    const char *start = push->at;

    if (!scan(push))
        return JSON_REFUSED;
    buffer_put(&push->token, text_between(start, push->at));
    push->cell = (struct cell){0};
    return push->at < push->end ? finish(push, buffer_text(&push->token)) : JSON_MORE;
}

enum json_event push_number_end(struct json_push *push)
{
    if (push->depth > 0 || !may_end(push->token_state))
        return push_refuse(push, push->depth > 0 ? "more of the text" : "a digit");
    push->cell = (struct cell){0};
    return finish(push, buffer_text(&push->token));
}
