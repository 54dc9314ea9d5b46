/* What the value of each keyword must look like, one function per shape. Every mistake is told, so
 * that an author sees all of them in one run. */
#include "schema/outline.h"

#include "schema/decimal.h"
#include "schema/format.h"
#include "schema/pattern.h"
#include "schema/uri.h"

struct examined {
    struct outline *outline;
    struct text keyword;
    uint32_t value;
    const struct dialect *dialect;
};

/* "a string", "an array" */
static const char *article_and_type(const struct cell *cell)
{
    static const char *const names[CELL_TYPE_COUNT] = {
        [CELL_NULL] = "null",        [CELL_BOOLEAN] = "a boolean", [CELL_INTEGER] = "an integer",
        [CELL_NUMBER] = "a number",  [CELL_STRING] = "a string",   [CELL_ARRAY] = "an array",
        [CELL_OBJECT] = "an object",
    };

    return names[cell->type];
}

static const struct cell *cell_of(const struct examined *it)
{
    return document_cell(it->outline->document, it->value);
}

static struct diagnostic *must_be(const struct examined *it, uint32_t cell, const char *what)
{
    const struct document *document = it->outline->document;

    return OUTLINE_SAY(it->outline, cell, DIAGNOSTIC_E0201, "'%.*s' must be %s, found %s",
                       TEXT_ARG(it->keyword), what,
                       article_and_type(document_cell(document, cell)));
}

static bool is_type(const struct examined *it, enum cell_type type, const char *what)
{
    if (cell_of(it)->type == type)
        return true;
    must_be(it, it->value, what);
    return false;
}

static bool is_number(const struct examined *it, const char *what)
{
    const struct cell *cell = cell_of(it);
    struct diagnostic *said;

    if (cell->type == CELL_INTEGER || cell->type == CELL_NUMBER)
        return true;
    said = must_be(it, it->value, what);
    if (cell->type == CELL_BOOLEAN && text_starts(it->keyword, TEXT("exclusive")))
        diagnostic_hint(it->outline->diagnostics, said,
                        "that was draft-04; now the bound itself is written here");
    return false;
}

static const struct text type_names[] = {
    TEXT_INIT("null"),   TEXT_INIT("boolean"), TEXT_INIT("integer"), TEXT_INIT("number"),
    TEXT_INIT("string"), TEXT_INIT("array"),   TEXT_INIT("object"),
};
enum { TYPE_NAMES = sizeof type_names / sizeof *type_names };

static void examine_type_name(const struct examined *it, uint32_t cell)
{
    const struct document *document = it->outline->document;
    struct text name = document_text(document, cell), near;
    struct diagnostic *said;

    for (size_t i = 0; i < TYPE_NAMES; i++) {
        if (text_equal(type_names[i], name))
            return;
    }
    said = OUTLINE_SAY(it->outline, cell, DIAGNOSTIC_E0201, "'%.*s' is not the name of a type",
                       TEXT_ARG(text_cut(name, 80)));
    near = nearest_name(name, type_names, TYPE_NAMES);
    diagnostic_hint(it->outline->diagnostics, said, near.len > 0 ? "did you mean '%.*s'?" : "%.*s",
                    TEXT_ARG(near.len > 0 ? near
                                          : TEXT("types are null, boolean, integer, number, "
                                                 "string, array and object")));
}

/* An array of strings none of which is written twice. */
static void examine_names(const struct examined *it, uint32_t array, const char *what)
{
    const struct document *document = it->outline->document;
    const struct cell *cell = document_cell(document, array);
    struct arena scratch = {0};
    uint64_t *seen;
    size_t room = 16;

    if (cell->type != CELL_ARRAY) {
        must_be(it, array, what);
        return;
    }
    while (room < (size_t)cell->size * 2)
        room *= 2;
    seen = ARENA_ARRAY(&scratch, uint64_t, room); /* cell index + 1 by hash */
    for (uint32_t at = array + 1; at < cell->end; at = document_next(document, at)) {
        size_t place;

        if (document_cell(document, at)->type != CELL_STRING) {
            must_be(it, at, what);
            continue;
        }
        place = text_hash(document_text(document, at)) & (room - 1);
        while (seen[place] != 0 && !text_equal(document_text(document, (uint32_t)seen[place] - 1),
                                               document_text(document, at)))
            place = (place + 1) & (room - 1);
        if (seen[place] != 0)
            OUTLINE_SAY(it->outline, at, DIAGNOSTIC_E0201, "'%.*s' names '%.*s' twice",
                        TEXT_ARG(it->keyword), TEXT_ARG(text_cut(document_text(document, at), 80)));
        seen[place] = (uint64_t)at + 1;
    }
    arena_release(&scratch);
}

static void examine_type(const struct examined *it)
{
    const struct document *document = it->outline->document;
    const struct cell *cell = cell_of(it);

    if (cell->type == CELL_STRING) {
        examine_type_name(it, it->value);
        return;
    }
    examine_names(it, it->value, "the name of a type or an array of them");
    if (cell->type != CELL_ARRAY)
        return;
    if (cell->size == 0)
        OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'type' must name at least one type");
    for (uint32_t at = it->value + 1; at < cell->end; at = document_next(document, at)) {
        if (document_cell(document, at)->type == CELL_STRING)
            examine_type_name(it, at);
    }
}

static void examine_enum(const struct examined *it)
{
    if (!is_type(it, CELL_ARRAY, "an array"))
        return;
    if (cell_of(it)->size > it->outline->limits->enum_values)
        OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'enum' lists more than %u values",
                    it->outline->limits->enum_values);
}

static void examine_positive(const struct examined *it)
{
    static const struct cell zero = {.type = CELL_INTEGER, .size = 1};

    if (!is_number(it, "a number above 0"))
        return;
    if (cell_compare_numbers(cell_of(it), &zero) <= 0)
        OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'%.*s' must be above 0",
                    TEXT_ARG(it->keyword));
    else if (bound_digits(cell_of(it)) > BOUND_DIGITS_MAX)
        OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'%.*s' must have at most %d digits",
                    TEXT_ARG(it->keyword), BOUND_DIGITS_MAX);
}

static void examine_count(const struct examined *it)
{
    static const struct cell zero = {.type = CELL_INTEGER, .size = 1};
    const struct cell *cell = cell_of(it);

    if (!is_number(it, "an integer from 0 on"))
        return;
    if (cell->type == CELL_NUMBER && (cell->flags & CELL_INTEGRAL) == 0)
        must_be(it, it->value, "an integer from 0 on");
    else if (cell_compare_numbers(cell, &zero) < 0)
        OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'%.*s' must not be negative",
                    TEXT_ARG(it->keyword));
}

/* Compiled here only to be told about; the compiler proper does it again for its own arena. */
static void examine_pattern(const struct examined *it, uint32_t cell)
{
    struct outline *outline = it->outline;
    struct pattern_problem problem;
    struct arena scratch = {0};
    bool usable = outline_pattern(outline, cell, &scratch, &problem) != NULL;

    if (problem.message[0] != '\0')
        OUTLINE_SAY_INSIDE(outline, cell, problem.offset, problem.len,
                           usable ? DIAGNOSTIC_W0204 : DIAGNOSTIC_E0204, "%s", problem.message);
    arena_release(&scratch);
}

static void examine_format(const struct examined *it)
{
    struct outline *outline = it->outline;
    struct text name = document_text(outline->document, it->value), near;
    struct diagnostic *said;

    if (format_find(name, (enum draft)it->dialect->draft) != FORMAT_NONE ||
        outline->options->formats != FORMATS_ASSERT)
        return;
    said = OUTLINE_SAY(outline, it->value, DIAGNOSTIC_W0202,
                       "'%.*s' is not a format that is known here", TEXT_ARG(text_cut(name, 80)));
    near = format_nearest(name);
    if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(outline->diagnostics, said, "any string satisfies it");
}

static void examine_schema_array(const struct examined *it)
{
    struct diagnostic *said;

    if (cell_of(it)->type != CELL_ARRAY) {
        must_be(it, it->value, "an array of schemas");
    } else if (cell_of(it)->size == 0) {
        said = OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201,
                           "'%.*s' must hold at least one schema", TEXT_ARG(it->keyword));
        diagnostic_hint(it->outline->diagnostics, said, "remove it or give it a schema");
    }
}

static void examine_map(const struct examined *it, enum shape shape)
{
    const struct document *document = it->outline->document;
    const struct cell *cell = cell_of(it);

    if (cell->type != CELL_OBJECT) {
        must_be(it, it->value,
                shape == SHAPE_NAMES_MAP ? "an object of arrays of names" : "an object of schemas");
        return;
    }
    for (uint32_t key = it->value + 1; key < cell->end && !outline_is_late(it->outline);
         key = document_next(document, key + 1)) {
        bool array = document_cell(document, key + 1)->type == CELL_ARRAY;

        if (shape == SHAPE_PATTERN_MAP)
            examine_pattern(it, key);
        if (shape == SHAPE_NAMES_MAP || (shape == SHAPE_DEPENDENCIES && array))
            examine_names(it, key + 1, "an object of arrays of names");
        else if (array)
            must_be(it, key + 1, "an object of schemas");
    }
}

static void examine_id(const struct examined *it)
{
    struct uri uri;

    if (!is_type(it, CELL_STRING, "a URI reference"))
        return;
    uri = uri_split(document_text(it->outline->document, it->value));
    if (it->dialect->draft >= DRAFT_2019_09 && uri.has_fragment && uri.fragment.len > 0)
        diagnostic_hint(
            it->outline->diagnostics,
            OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0201, "'$id' must not have a fragment"),
            "name a place inside a schema with '$anchor'");
}

static void examine_anchor(const struct examined *it)
{
    struct text name = document_text(it->outline->document, it->value);
    bool good = false, colon = it->dialect->draft == DRAFT_2019_09;

    if (!is_type(it, CELL_STRING, "a plain name"))
        return;
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte == '_' && (i > 0 || !colon));
        bool later =
            (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || (byte == ':' && colon);

        good = letter || (i > 0 && later);
        if (!good)
            break;
    }
    if (!good)
        OUTLINE_SAY(
            it->outline, it->value, DIAGNOSTIC_E0201,
            colon ? "'%.*s' must be a letter and then letters, digits, '-', '_', ':' and '.'"
                  : "'%.*s' must be a letter or '_' and then letters, digits, '-', '_' and '.'",
            TEXT_ARG(it->keyword));
}

static void examine_vocabulary(const struct examined *it)
{
    const struct document *document = it->outline->document;
    uint32_t end;

    if (!is_type(it, CELL_OBJECT, "an object of booleans"))
        return;
    end = document_cell(document, it->value)->end;
    for (uint32_t key = it->value + 1; key < end; key = document_next(document, key + 1)) {
        if (document_cell(document, key + 1)->type != CELL_BOOLEAN)
            must_be(it, key + 1, "an object of booleans");
    }
}

void keyword_examine(struct outline *outline, enum keyword keyword, uint32_t key, uint32_t value,
                     const struct dialect *dialect)
{
    struct examined it = {outline, document_text(outline->document, key), value, dialect};
    enum shape shape = keyword_row(keyword)->shape;

    switch (shape) {
    case SHAPE_ANY:
    case SHAPE_SCHEMA: /* the walk tells what is no schema */
        break;
    case SHAPE_TYPE:
        examine_type(&it);
        break;
    case SHAPE_ARRAY:
        is_type(&it, CELL_ARRAY, "an array");
        break;
    case SHAPE_ENUM:
        examine_enum(&it);
        break;
    case SHAPE_POSITIVE:
        examine_positive(&it);
        break;
    case SHAPE_NUMBER:
        is_number(&it, "a number");
        break;
    case SHAPE_COUNT:
        examine_count(&it);
        break;
    case SHAPE_STRING:
        is_type(&it, CELL_STRING, "a string");
        break;
    case SHAPE_BOOLEAN:
    case SHAPE_EXCLUSIVE:
        is_type(&it, CELL_BOOLEAN, "true or false");
        break;
    case SHAPE_PATTERN:
        if (is_type(&it, CELL_STRING, "a regular expression in a string"))
            examine_pattern(&it, value);
        break;
    case SHAPE_FORMAT:
        if (is_type(&it, CELL_STRING, "the name of a format"))
            examine_format(&it);
        break;
    case SHAPE_ITEMS:
        if (cell_of(&it)->type == CELL_ARRAY)
            examine_schema_array(&it);
        break;
    case SHAPE_SCHEMAS:
        examine_schema_array(&it);
        break;
    case SHAPE_NAMES:
        examine_names(&it, value, "an array of names");
        break;
    case SHAPE_SCHEMA_MAP:
    case SHAPE_PATTERN_MAP:
    case SHAPE_NAMES_MAP:
    case SHAPE_DEPENDENCIES:
        examine_map(&it, shape);
        break;
    case SHAPE_ID:
        examine_id(&it);
        break;
    case SHAPE_ANCHOR:
        examine_anchor(&it);
        break;
    case SHAPE_REFERENCE:
        /* In draft-04 what is no string is no reference. */
        if (dialect->draft != DRAFT_4)
            is_type(&it, CELL_STRING, "a URI reference");
        break;
    case SHAPE_DIALECT:
        is_type(&it, CELL_STRING, "the URI of a meta-schema");
        break;
    case SHAPE_VOCABULARY:
        examine_vocabulary(&it);
        break;
    }
}
