/* Findings in words. Of the document only types, sizes and names are told, never contents; of the
 * schema everything may be. A message is one sentence: what, where, what must be, what was found.
 */
#include "schema/describe.h"

#include "document/utf8.h"

struct text describe_cut(struct arena *arena, struct text text, size_t bytes)
{
    struct text head = text_cut(text, bytes - 3);

    return text.len <= bytes ? text : arena_printf(arena, "%.*s...", TEXT_ARG(head));
}

static struct text got(const struct describing *it)
{
    const struct cell *cell = describe_cell(it);
    uint64_t size;

    switch (cell->type) {
    case CELL_STRING:
        size = utf8_length(cell_text(cell));
        return arena_printf(it->arena, "string of %llu character%s", (unsigned long long)size,
                            describe_plural(size));
    case CELL_ARRAY:
        return arena_printf(it->arena, "array of %u item%s", cell->size,
                            describe_plural(cell->size));
    case CELL_NUMBER:
        return cell->flags & CELL_INTEGRAL ? TEXT("integer") : TEXT("number");
    default:
        return text_of(cell_type_name((enum cell_type)cell->type));
    }
}

struct text describe_with_article(struct arena *arena, struct text noun)
{
    bool vowel = noun.len > 0 && strchr("aeiou", noun.at[0]) != NULL;

    if (text_equal(noun, TEXT("null")))
        return noun;
    return arena_printf(arena, "%s %.*s", vowel ? "an" : "a", TEXT_ARG(noun));
}

static struct text instance_path(const struct describing *it, uint32_t root)
{
    struct text from = document_pointer(it->run->document, root, it->arena);
    struct text to = document_pointer(it->run->document, it->finding->cell, it->arena);

    return describe_cut(it->arena, text_after(to, from.len), POINTER_BYTES);
}

static void put_token(struct buffer *out, struct text token)
{
    buffer_put_byte(out, '/');
    for (size_t i = 0; i < token.len; i++) {
        char byte = token.at[i];

        if (byte == '~' || byte == '/')
            buffer_put(out, byte == '~' ? TEXT("~0") : TEXT("~1"));
        else
            buffer_put_byte(out, byte);
    }
}

static void put_step(struct buffer *out, const struct kept_step *step)
{
    put_token(out, keyword_row(step->keyword)->name);
    if (step->name.at != NULL)
        put_token(out, step->name);
    if (step->index != UINT32_MAX)
        buffer_printf(out, "/%u", step->index);
}

static struct text schema_path(const struct describing *it)
{
    const struct kept_step *chain[CHECK_DEPTH_MAX];
    struct buffer out = buffer_in(it->arena);
    size_t count = 0;

    for (const struct kept_step *step = it->finding->path; step != NULL && count < CHECK_DEPTH_MAX;
         step = step->up)
        chain[count++] = step;
    buffer_put_byte(&out, '#');
    while (count > 0 && out.len < POINTER_BYTES)
        put_step(&out, chain[--count]);
    if (it->finding->instruction->keyword != KEYWORD_NONE)
        put_token(&out, keyword_row(it->finding->keyword)->name);
    return describe_cut(it->arena, buffer_text(&out), POINTER_BYTES);
}

enum keyword describe_keyword(const struct finding *finding)
{
    if (finding->keyword != KEYWORD_NONE || finding->path == NULL)
        return finding->keyword;
    return finding->path->keyword;
}

static struct text subject_of(const struct describing *it, struct text path)
{
    if (it->finding->is_name)
        return arena_printf(it->arena, "the name of field '%.*s'",
                            TEXT_ARG(describe_cut(it->arena, path, 150)));
    if (path.len == 0)
        return TEXT("the value");
    return arena_printf(it->arena, "field '%.*s'", TEXT_ARG(describe_cut(it->arena, path, 150)));
}

static struct text message_of(struct describing *it, struct text found)
{
    struct buffer out = buffer_in(it->arena);
    struct text demanded = describe_cut(it->arena, buffer_text(&it->demand), EXPECTED_BYTES);
    struct text noun = describe_with_article(it->arena, found);

    buffer_printf(&out, "%.*s %.*s", TEXT_ARG(it->subject), TEXT_ARG(demanded));
    if (it->tells_found)
        buffer_printf(&out, ", found %.*s", TEXT_ARG(noun));
    if (it->finding->tried > 0)
        buffer_printf(&out, " (the closest of %u alternatives)", it->finding->tried);
    if (it->suggestion.len > 0)
        buffer_printf(&out, ", did you mean '%.*s'?", TEXT_ARG(it->suggestion));
    return describe_cut(it->arena, buffer_text(&out), MESSAGE_BYTES);
}

struct violation violation_of(const struct run *run, const struct finding *finding, uint32_t root)
{
    struct describing it = {
        .run = run,
        .finding = finding,
        .schema = run->schema->document,
        .arena = run->arena,
        .demand = buffer_in(run->arena),
    };
    struct violation violation = {
        .instance_path = instance_path(&it, root),
        .schema_path = schema_path(&it),
        .keyword = describe_keyword(finding) == KEYWORD_NONE
                       ? TEXT("false")
                       : keyword_row(describe_keyword(finding))->name,
        .got = got(&it),
    };

    describe_expected(&it);
    it.subject = subject_of(&it, violation.instance_path);
    violation.expected = describe_cut(run->arena, it.expected, EXPECTED_BYTES);
    violation.message = message_of(&it, violation.got);
    return violation;
}

struct violation violation_of_undecided(const struct run *run)
{
    static const struct text reasons[] = {
        [DECIDED] = TEXT_INIT(""),
        [OUT_OF_STEPS] = TEXT_INIT("the check was given up: it takes too many steps"),
        [TOO_DEEP] = TEXT_INIT("the check was given up: value and schema are nested too deeply"),
        [PATTERN_LIMIT] =
            TEXT_INIT("the check was given up: a pattern takes too long on one of the strings"),
    };

    return (struct violation){
        .schema_path = TEXT("#"),
        .expected = TEXT("a value that can be checked within limits"),
        .got = TEXT("more work than allowed"),
        .message = reasons[run->undecided],
    };
}
