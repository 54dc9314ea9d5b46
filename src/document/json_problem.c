/* Says in words what stands where it must not. Only one character or one name of the text is ever
 * quoted: the text may be confidential, and messages go to logs. */
#include "document/json_problem.h"

#include "base/check.h"
#include "document/place.h"
#include "document/utf8.h"

#include <stdio.h>

enum { FOUND_ROOM = 32, NAME_BYTES = 48 };

static bool is_byte_order_mark(struct text rest)
{
    return text_starts(rest, TEXT("\xEF\xBB\xBF"));
}

/* What stands at the front of `rest`, as words. */
static void describe(struct text rest, char out[FOUND_ROOM])
{
    unsigned char byte = rest.len > 0 ? (unsigned char)rest.at[0] : 0;
    uint32_t code_point = 0;

    if (rest.len == 0)
        snprintf(out, FOUND_ROOM, "the end of the text");
    else if (byte == '\n' || byte == '\r')
        snprintf(out, FOUND_ROOM, "a line break");
    else if (byte == '\t')
        snprintf(out, FOUND_ROOM, "a tab");
    else if (byte == '\'')
        snprintf(out, FOUND_ROOM, "a single quote");
    else if (byte >= 0x20 && byte < 0x7F)
        snprintf(out, FOUND_ROOM, "'%c'", byte);
    else if (is_byte_order_mark(rest))
        snprintf(out, FOUND_ROOM, "a byte order mark");
    else if (byte < 0x80 || utf8_decode(rest, &code_point) == 0)
        snprintf(out, FOUND_ROOM, "byte 0x%02X", byte);
    else
        snprintf(out, FOUND_ROOM, "U+%04X", (unsigned)code_point);
}

/* The byte before `at` that is not white space, or 0. */
static char byte_before(struct text text, const char *at)
{
    while (at > text.at && memchr(" \t\r\n", at[-1], 4) != NULL)
        at--;
    return at > text.at ? at[-1] : '\0';
}

static const char *hint_for(struct text text, const char *at)
{
    struct text rest = text_between(at, text.at + text.len);
    char byte = rest.len > 0 ? *at : '\0';

    if ((byte == '}' || byte == ']') && byte_before(text, at) == ',')
        return "remove the comma before it";
    if (byte == '\'')
        return "strings and names take double quotes";
    if (byte == '/' || byte == '#')
        return "JSON has no comments";
    if (is_byte_order_mark(rest))
        return "send the text without a byte order mark";
    if (byte == '+' || byte == '.')
        return "a number starts with a digit or with a minus sign and a digit";
    if (byte == '`')
        return "send the JSON alone, without a Markdown fence";
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_')
        return "names and strings take double quotes; the only words are true, false and null";
    return NULL;
}

static bool set_expected(const struct json_problem *problem, struct text text, const char *at,
                         struct error *err)
{
    struct text rest = text_between(problem->at, text.at + text.len);
    bool about_value = problem->expected[0] == '\'' ||
                       strncmp(problem->expected, "a value", 7) == 0 ||
                       strncmp(problem->expected, "a name", 6) == 0 ||
                       strncmp(problem->expected, "the end", 7) == 0;
    const char *hint = about_value ? hint_for(text, problem->at) : NULL;
    char found[FOUND_ROOM];

    describe(rest, found);
    error_set(err, ERROR_INVALID_JSON, at, "expected %s, found %s", problem->expected, found);
    if (hint != NULL)
        error_hint(err, "%s", hint);
    return false;
}

/* The name at `at` as it was written, without quotes, cut, and safe to print. */
static void copy_name(struct text text, const char *at, char out[NAME_BYTES + 4])
{
    struct text rest = text_after(text, (size_t)(at - text.at) + 1), cut;
    size_t len = 0;

    while (len < rest.len && rest.at[len] != '"')
        len += rest.at[len] == '\\' ? 2 : 1;
    rest = text_first(rest, len);
    cut = text_cut(rest, NAME_BYTES);
    for (size_t i = 0; i < cut.len; i++)
        out[i] = cut.at[i] == 0x7F ? '?' : cut.at[i];
    memcpy(out + cut.len, cut.len < rest.len ? "..." : "", cut.len < rest.len ? 4 : 1);
}

void json_place(struct text text, size_t byte, char out[PLACE_ROOM])
{
    struct position position = position_at(text, byte);

    snprintf(out, PLACE_ROOM, "byte %zu (line %u, column %u)", byte, (unsigned)position.line,
             (unsigned)position.column);
}

bool json_problem_set(const struct json_problem *problem, struct text text, struct error *err)
{
    unsigned limit = problem->limit;
    char at[PLACE_ROOM], name[NAME_BYTES + 4];

    if (err == NULL)
        return false;
    json_place(text, (size_t)(problem->at - text.at), at);
    switch (problem->kind) {
    case JSON_EXPECTED:
        return set_expected(problem, text, at, err);
    case JSON_DEPTH:
        return error_set(err, ERROR_INVALID_JSON, at, "nested deeper than %u levels", limit);
    case JSON_NODES:
        return error_set(err, ERROR_INVALID_JSON, at,
                         "more than %u values and names, the most for a text of %zu bytes", limit,
                         text.len);
    case JSON_DIGITS:
        return error_set(err, ERROR_INVALID_JSON, at, "a number of more than %u digits", limit);
    case JSON_BYTES:
        return error_set(err, ERROR_INVALID_JSON, at, "longer than %u bytes", limit);
    case JSON_DUPLICATE:
        copy_name(text, problem->at, name);
        return error_set(err, ERROR_INVALID_JSON, at, "the name \"%s\" is written twice", name);
    }
    NEVER("a problem of no kind");
}
