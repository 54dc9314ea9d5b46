/* Characters, escapes and classes of patterns, and the reader's first steps. Escapes of letters
 * that mean nothing are refused always: who writes \A or \Z expects more than an A. */
#include "schema/pattern_reader.h"

#include "document/utf8.h"

#include <stdio.h>

bool reader_take(struct reader *reader, const char *expected)
{
    if (!text_starts(text_after(reader->source, reader->at), text_of(expected)))
        return false;
    reader->at += strlen(expected);
    return true;
}

static void tell(struct reader *reader, size_t from, const char *message)
{
    size_t len = reader->at > from ? reader->at - from : 1;

    reader->problem->offset = from;
    reader->problem->len = from + len <= reader->source.len ? len : reader->source.len - from;
    snprintf(reader->problem->message, sizeof reader->problem->message, "%s", message);
}

void reader_refuse(struct reader *reader, size_t from, const char *message)
{
    if (!reader->failed)
        tell(reader, from, message);
    reader->failed = true;
    reader->at = reader->source.len;
}

void reader_refuse_opening(struct reader *reader, size_t from, const char *message)
{
    reader->at = from;
    reader_refuse(reader, from, message);
}

bool reader_forgive(struct reader *reader, size_t from, const char *message)
{
    if (reader->strict) {
        reader_refuse(reader, from, message);
        return false;
    }
    if (reader->problem->message[0] == '\0')
        tell(reader, from, message);
    return true;
}

uint32_t reader_take_code_point(struct reader *reader)
{
    uint32_t code_point = 0;
    size_t len = utf8_decode(text_after(reader->source, reader->at), &code_point);

    reader->at += len ? len : 1;
    return code_point;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
        return (byte | 0x20) - 'a' + 10;
    return -1;
}

static bool take_hex(struct reader *reader, unsigned digits, uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < digits; i++) {
        int digit = hex_digit(reader_peek(reader, i));

        if (digit < 0)
            return false;
        *out = *out * 16 + (uint32_t)digit;
    }
    reader->at += digits;
    return true;
}

static bool take_braced_hex(struct reader *reader, uint32_t *out)
{
    unsigned digits = 0;

    *out = 0;
    for (; hex_digit(reader_peek(reader, 0)) >= 0; digits++, reader->at++) {
        *out = *out * 16 + (uint32_t)hex_digit(reader_peek(reader, 0));
        if (*out > CODE_POINT_MAX)
            return false;
    }
    return digits > 0 && reader_take(reader, "}");
}

uint32_t reader_take_unicode(struct reader *reader, size_t from)
{
    uint32_t first, second;
    size_t behind;

    if (reader_take(reader, "{")) {
        if (!take_braced_hex(reader, &first))
            reader_refuse(reader, from,
                          "\\u{...} must hold a code point up to 10FFFF in hexadecimal");
        return first;
    }
    if (!take_hex(reader, 4, &first)) {
        reader_refuse(reader, from, "\\u must be followed by four hexadecimal digits");
        return 0;
    }
    behind = reader->at;
    if (first >= 0xD800 && first <= 0xDBFF && reader_take(reader, "\\u") &&
        take_hex(reader, 4, &second) && second >= 0xDC00 && second <= 0xDFFF)
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    reader->at = behind;
    return first;
}

/* Annex B: up to three octal digits, the first of which is at the reader. */
static uint32_t take_octal(struct reader *reader, size_t from)
{
    uint32_t value = 0;

    for (int i = 0;
         i < 3 && reader_peek(reader, 0) >= '0' && reader_peek(reader, 0) <= '7' && value < 32; i++)
        value = value * 8 + (uint32_t)(reader->source.at[reader->at++] - '0');
    reader_forgive(reader, from, "this is an octal escape; write \\x and two hexadecimal digits");
    return value;
}

static bool is_syntax(char byte)
{
    return byte != '\0' && strchr("^$\\.*+?()[]{}|/", byte) != NULL;
}

uint32_t reader_take_character(struct reader *reader, size_t from, bool in_class)
{
    static const char letters[] = "fnrtv", values[] = "\f\n\r\t\v";
    char letter = reader_peek(reader, 0);
    const char *control = letter ? strchr(letters, letter) : NULL;
    uint32_t value;

    if (reader_at_end(reader)) {
        reader_refuse(reader, from, "the pattern ends in a lone backslash");
        return 0;
    }
    if (control != NULL) {
        reader->at++;
        return (unsigned char)values[control - letters];
    }
    if (letter == 'c') {
        char name = reader_peek(reader, 1);

        reader->at += 2;
        if ((name | 0x20) < 'a' || (name | 0x20) > 'z')
            reader_refuse(reader, from, "\\c must be followed by a letter");
        return (uint32_t)name & 0x1F;
    }
    if (reader_take(reader, "x")) {
        if (!take_hex(reader, 2, &value))
            reader_refuse(reader, from, "\\x must be followed by two hexadecimal digits");
        return value;
    }
    if (reader_take(reader, "u"))
        return reader_take_unicode(reader, from);
    if (letter >= '0' && letter <= '7' &&
        !(letter == '0' && (reader_peek(reader, 1) < '0' || reader_peek(reader, 1) > '9')))
        return take_octal(reader, from);
    value = reader_take_code_point(reader);
    if (value == '0')
        return 0;
    if (value < 0x80 && (is_syntax((char)value) || (in_class && value == '-')))
        return value;
    if ((value | 0x20) >= 'a' && (value | 0x20) <= 'z' && value < 0x80)
        reader_refuse(reader, from, "ECMAScript has no such escape");
    else if (value == '8' || value == '9')
        reader_refuse(reader, from, "there are fewer groups than this number");
    else
        reader_forgive(reader, from,
                       "this escape is needless: write the character without the backslash");
    return value;
}

bool reader_take_class(struct reader *reader, struct code_set *set, size_t from)
{
    char letter = reader_peek(reader, 0);
    struct text rest, expression;
    struct code_ranges ranges;

    if (letter != '\0' && strchr("dDwWsS", letter) != NULL) {
        reader->at++;
        code_set_add_class(set, reader->arena, letter);
        return true;
    }
    if (letter != 'p' && letter != 'P')
        return false;
    reader->at++;
    rest = text_after(reader->source, reader->at + 1);
    expression = text_first(rest, text_find_byte(rest, '}'));
    if (reader_peek(reader, 0) != '{' || expression.len == rest.len) {
        reader_refuse(reader, from, "\\p must be followed by the name of a property in braces");
        return true;
    }
    reader->at += expression.len + 2;
    if (!code_set_add_property(set, reader->arena, expression, letter == 'P'))
        reader_refuse(reader, from, "ECMAScript has no property of this name");
    else if (!reader->strict && set->properties != NULL &&
             !property_find(set->properties->name, &ranges))
        reader_refuse(
            reader, from,
            "this property is newer than the Unicode known here: list its code points instead");
    return true;
}

/* One element of a class; false when it is a class of its own, already added to the set. */
static bool take_class_atom(struct reader *reader, struct code_set *set, uint32_t *out)
{
    size_t from = reader->at;

    if (!reader_take(reader, "\\")) {
        *out = reader_take_code_point(reader);
        return true;
    }
    if (reader_take_class(reader, set, from))
        return false;
    if (reader_take(reader, "b"))
        *out = '\b';
    else
        *out = reader_take_character(reader, from, true);
    return true;
}

void reader_take_class_element(struct reader *reader, struct code_set *set)
{
    size_t from = reader->at;
    uint32_t first = 0, last = 0;
    bool first_plain = take_class_atom(reader, set, &first), last_plain;

    if (reader_peek(reader, 0) != '-' || reader_peek(reader, 1) == ']' ||
        reader->at + 1 >= reader->source.len) {
        if (first_plain)
            code_set_add(set, reader->arena, first, first);
        return;
    }
    reader->at++;
    last_plain = take_class_atom(reader, set, &last);
    if (first_plain && last_plain) {
        if (first > last)
            reader_refuse(reader, from, "the range is out of order");
        code_set_add(set, reader->arena, first, last);
        return;
    }
    reader_forgive(reader, from,
                   "a class such as \\w cannot begin or end a range: put the '-' last");
    code_set_add(set, reader->arena, '-', '-');
    if (first_plain)
        code_set_add(set, reader->arena, first, first);
    if (last_plain)
        code_set_add(set, reader->arena, last, last);
}
