/* What a scalar means: YAML 1.2's core schema narrowed to JSON's words and numbers. An unquoted
 * word that other readers of YAML would take for a boolean, a number or null is a string, with a
 * warning. */
#include "document/json_token.h"
#include "document/yaml_internal.h"

static bool is_one_of(struct text text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (text_equal_nocase(text, text_of(*words)))
            return true;
    }
    return false;
}

static bool is_json_number(struct text text, struct cell *out)
{
    struct json_problem problem;
    const char *end = text.at + text.len;
    struct cell cell = {0};

    if (text.len == 0 || (text.at[0] != '-' && (text.at[0] < '0' || text.at[0] > '9')))
        return false;
    if (json_read_number(text.at, end, DIGITS_DEFAULT, &cell, &problem) != end)
        return false;
    *out = cell;
    return true;
}

static bool all_of(struct text text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\0' || strchr(bytes, text.at[i]) == NULL)
            return false;
    }
    return text.len > 0;
}

static struct text without_sign(struct text text)
{
    return text.len > 0 && (text.at[0] == '+' || text.at[0] == '-') ? text_after(text, 1) : text;
}

/* Digits with at most one point and an exponent, in ways that JSON does not write them: "+1", ".5",
 * "5.", "007", "1_000". */
static bool is_loose_decimal(struct text text)
{
    struct text mantissa = text_first(text, text_find_byte(text, 'e'));
    struct text exponent = text_after(text, mantissa.len + 1);
    struct text fraction = mantissa, whole;

    if (mantissa.len == text.len) {
        mantissa = text_first(text, text_find_byte(text, 'E'));
        exponent = text_after(text, mantissa.len + 1);
        fraction = mantissa;
    }
    whole = text_split(&fraction, '.');
    if (mantissa.len == 0 || mantissa.at[0] == '_' || (whole.len == 0 && fraction.len == 0))
        return false;
    if (mantissa.len < text.len && !all_of(without_sign(exponent), "0123456789"))
        return false;
    return (whole.len == 0 || all_of(whole, "0123456789_")) &&
           (fraction.len == 0 || all_of(fraction, "0123456789_"));
}

static bool looks_like_number(struct text text)
{
    static const char *const words[] = {".inf", ".nan", NULL};
    struct text bare = without_sign(text);

    if (is_one_of(bare, words))
        return true;
    if (text_starts(bare, TEXT("0x")))
        return all_of(text_after(bare, 2), "0123456789abcdefABCDEF_");
    if (text_starts(bare, TEXT("0o")))
        return all_of(text_after(bare, 2), "01234567_");
    if (text_starts(bare, TEXT("0b")))
        return all_of(text_after(bare, 2), "01_");
    return is_loose_decimal(bare);
}

static void warn(struct yaml_loader *l, uint32_t at, enum diagnostic_code code, const char *not_a,
                 const char *instead)
{
    struct document document = {l->cells, l->count, l->source, l->file, l->marks};
    struct text text = text_cut(cell_text(&l->cells[at]), 40);
    struct diagnostic *diagnostic =
        diagnose(l->diagnostics, &document, at, code, "the unquoted %.*s is a string here, not %s",
                 TEXT_ARG(text), not_a);

    diagnostic_hint(l->diagnostics, diagnostic, "write %s, or \"%.*s\" if the text is meant",
                    instead, TEXT_ARG(text));
}

/* Warns about a plain string that may have been meant otherwise. */
static void warn_about_plain(struct yaml_loader *l, uint32_t at)
{
    static const char *const yes[] = {"yes", "on", NULL}, *const no[] = {"no", "off", NULL};
    static const char *const true_[] = {"true", NULL}, *const false_[] = {"false", NULL};
    static const char *const null[] = {"null", NULL};
    struct text text = cell_text(&l->cells[at]);

    if (is_one_of(text, yes))
        warn(l, at, DIAGNOSTIC_W0101, "a boolean", "true");
    else if (is_one_of(text, no))
        warn(l, at, DIAGNOSTIC_W0101, "a boolean", "false");
    else if (is_one_of(text, true_))
        warn(l, at, DIAGNOSTIC_W0102, "a boolean", "true");
    else if (is_one_of(text, false_))
        warn(l, at, DIAGNOSTIC_W0102, "a boolean", "false");
    else if (is_one_of(text, null))
        warn(l, at, DIAGNOSTIC_W0102, "null", "null");
    else if (looks_like_number(text))
        warn(l, at, DIAGNOSTIC_W0102, "a number", "it as JSON does (12, -0.5, 1e3)");
}

/* The bytes of the source when they are the value itself, else a copy. */
static struct text value_text(struct yaml_loader *l, const yaml_event_t *event, uint32_t at,
                              bool *out_copied)
{
    struct text value = {(const char *)event->data.scalar.value, event->data.scalar.length};
    bool quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    struct text written = text_after(l->source, l->marks[at].start.byte + quoted);

    *out_copied = !text_starts(written, value);
    if (*out_copied)
        return arena_copy(l->arena, value);
    return (struct text){written.at ? written.at : "", value.len};
}

/* A plain scalar that is a value: null, a boolean, a number; false when it is a string. */
static bool take_typed(struct text text, struct cell *cell)
{
    if (text.len == 0 || text_equal(text, TEXT("null")) || text_equal(text, TEXT("~")))
        *cell = (struct cell){.type = CELL_NULL, .size = (uint32_t)text.len};
    else if (text_equal(text, TEXT("true")) || text_equal(text, TEXT("false")))
        *cell = (struct cell){.type = CELL_BOOLEAN, .boolean = text.at[0] == 't'};
    else
        return is_json_number(text, cell);
    return true;
}

void yaml_take_scalar(struct yaml_loader *l, const yaml_event_t *event, uint32_t at, bool key)
{
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE, copied;
    struct text text = value_text(l, event, at, &copied);
    struct cell *cell = &l->cells[at];
    unsigned char high = 0;

    if (plain && !key && take_typed(text, cell))
        return;
    for (size_t i = 0; i < text.len; i++)
        high |= (unsigned char)text.at[i];
    *cell = (struct cell){.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    cell->flags = (uint8_t)((high < 0x80 ? CELL_ASCII : 0) | (copied ? CELL_ESCAPED : 0) |
                            (plain ? CELL_PLAIN : 0));
    if (plain && !key)
        warn_about_plain(l, at);
}
