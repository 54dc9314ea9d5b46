/* A message names the tag as its author wrote it, points at the part that is wrong and ends in what
 * to write instead. Names that could have been meant come from the input schema. */
#include "render/template_problem.h"

enum { NAMES_SHOWN = 8 }; /* of those the schema knows */

static size_t offset_in(const struct template_origin *origin, struct text part)
{
    return (size_t)(part.at - origin->text.at);
}

#define DIAGNOSE(origin, part, code, ...)                                                          \
    diagnose_inside((origin)->diagnostics, (origin)->document, (origin)->cell,                     \
                    offset_in((origin), (part)), (part).len, (code), __VA_ARGS__)

/* The tag as it was written, for messages: its first line, and not all of a long one. */
static struct text written(const struct template_origin *origin, size_t start, size_t end)
{
    struct text all = text_between(origin->text.at + start, origin->text.at + end);

    return text_cut(text_first(all, text_find_byte(all, '\n')), 48);
}

static const struct feature {
    char sigil;
    const char *what;           /* "'{{#a}}' ..." */
    const char *before, *after; /* the hint, around the name in the tag; NULL: without it */
} features[] = {
    {'#', "opens a section, and this version has no sections", "{{",
     "}} puts the whole value in, a list or an object as JSON"},
    {'^', "opens an inverted section, and this version has no sections",
     "an absent value renders as nothing: {{", "}} alone may be enough"},
    {'/', "ends a section, and this version has no sections", "remove it: '", "' is not open"},
    {'>', "names a partial, and this version has no partials", "write the text of '", "' here"},
    {'&', "asks for an unescaped value; values are never escaped here", "write {{", "}}"},
    {'{', "asks for an unescaped value; values are never escaped here", "write {{",
     "}}, and a space between '{' and '{{' where a brace should stay"},
    {'=', "sets other delimiters, which this version does not have", "keep '{{' and '}}'", NULL},
    {'<', "names a parent template; templates here do not inherit", "write the text of '",
     "' here"},
    {'$', "names a block; templates here do not inherit", "write the text of '", "' here"},
};

static const struct feature *find_feature(char sigil)
{
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (features[i].sigil == sigil)
            return &features[i];
    return NULL;
}

bool template_sigil_refused(char sigil)
{
    return find_feature(sigil) != NULL;
}

void template_refuse_feature(const struct template_origin *origin, const struct template_tag *tag)
{
    const struct feature *feature = find_feature(tag->sigil);
    struct text whole = text_between(origin->text.at + tag->start, origin->text.at + tag->end);
    struct text shown = written(origin, tag->start, tag->end), name = text_cut(tag->inner, 48);
    struct diagnostic *diagnostic;

    diagnostic =
        DIAGNOSE(origin, whole, DIAGNOSTIC_E0303, "'%.*s' %s", TEXT_ARG(shown), feature->what);
    if (feature->after == NULL)
        diagnostic_hint(origin->diagnostics, diagnostic, "%s", feature->before);
    else if (name.len > 0)
        diagnostic_hint(origin->diagnostics, diagnostic, "%s%.*s%s", feature->before,
                        TEXT_ARG(name), feature->after);
}

void template_refuse_name(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text shown = written(origin, tag->start, tag->end);
    struct text part = tag->inner.len > 0
                           ? tag->inner
                           : text_between(origin->text.at + tag->start, origin->text.at + tag->end);
    struct diagnostic *diagnostic;

    if (text_equal(tag->inner, TEXT("."))) {
        diagnostic = DIAGNOSE(origin, part, DIAGNOSTIC_E0303,
                              "'%.*s' is the current item of a section, and this version has no "
                              "sections",
                              TEXT_ARG(shown));
        diagnostic_hint(origin->diagnostics, diagnostic, "{{input}} is the whole input");
        return;
    }
    diagnostic =
        DIAGNOSE(origin, part, DIAGNOSTIC_E0301, "'%.*s' %s", TEXT_ARG(shown),
                 tag->inner.len > 0 ? "does not hold the name of a variable" : "names no variable");
    diagnostic_hint(origin->diagnostics, diagnostic,
                    "a tag holds one name such as {{title}} or {{customer.name}}, made of letters, "
                    "digits, '_' and '-'; there are no filters, calls or expressions");
}

void template_refuse_open(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text part = text_trim(written(origin, tag->start, tag->end));
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, part, DIAGNOSTIC_E0301, "the tag '%.*s' is not closed, expected '}}'",
                 TEXT_ARG(part));

    diagnostic_hint(origin->diagnostics, diagnostic,
                    "close it with '}}'; '{{' always begins a tag");
}

/* "a, b, c and 4 more" */
static struct text list_names(const struct text *names, size_t count, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        buffer_put(&out, i > 0 ? TEXT(", ") : TEXT(""));
        buffer_put(&out, text_cut(names[i], 64));
    }
    if (count > NAMES_SHOWN)
        buffer_printf(&out, " and %zu more", count - NAMES_SHOWN);
    return buffer_text(&out);
}

/* Says which names could have been meant at a step; `before` is the path up to it with its dot. */
static void hint_names(const struct template_origin *origin, struct diagnostic *diagnostic,
                       struct text before, struct text step, const struct text *names, size_t count)
{
    static const struct text whole = TEXT_INIT("input");
    struct text near = nearest_name(step, names, count), all;

    if (near.len == 0 && before.len == 0)
        near = nearest_name(step, &whole, 1);
    if (near.len > 0) {
        diagnostic_hint(origin->diagnostics, diagnostic, "did you mean {{%.*s%.*s}}?",
                        TEXT_ARG(before), TEXT_ARG(near));
    } else if (count > 0) {
        all = list_names(names, count, origin->diagnostics->arena);
        diagnostic_hint(origin->diagnostics, diagnostic, "known here: %.*s", TEXT_ARG(all));
    }
}

static struct text whole_path(const struct text *steps, size_t count)
{
    return text_between(steps[0].at, steps[count - 1].at + steps[count - 1].len);
}

static void refuse_unschemed(const struct template_origin *origin, const struct text *steps,
                             size_t count)
{
    static const struct text known[] = {TEXT_INIT("input"), TEXT_INIT("message")};
    struct text path = whole_path(steps, count), near;
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, path, DIAGNOSTIC_E0302,
                 "unknown variable '%.*s': without an input schema there are only {{input}} and "
                 "{{message}}",
                 TEXT_ARG(path));

    if (origin->diagnostics->count == DIAGNOSTICS_MAX)
        return;
    near = nearest_name(path, known, 2);
    if (near.len > 0)
        diagnostic_hint(origin->diagnostics, diagnostic, "did you mean {{%.*s}}?", TEXT_ARG(near));
    else
        diagnostic_hint(origin->diagnostics, diagnostic, "add an input_schema that declares '%.*s'",
                        TEXT_ARG(path));
}

/* The first step of the path the schema does not know is the one to point at. */
static void refuse_undeclared(const struct template_origin *origin, const struct text *steps,
                              size_t count)
{
    const struct text *known = NULL;
    size_t known_count = 0, bad = 0;
    struct text before;
    struct diagnostic *diagnostic;

    while (bad + 1 < count &&
           schema_admits_path(origin->input, steps, bad + 1, &known, &known_count))
        bad++;
    schema_admits_path(origin->input, steps, bad + 1, &known, &known_count);
    before = text_between(steps[0].at, steps[bad].at);
    diagnostic = DIAGNOSE(origin, steps[bad], DIAGNOSTIC_E0302,
                          "unknown variable '%.*s': the input schema does not declare it",
                          TEXT_ARG(whole_path(steps, bad + 1)));
    if (origin->diagnostics->count == DIAGNOSTICS_MAX)
        return; /* nobody would read the hint, and looking for names takes its time */
    if (bad == 0 && count > 1 && text_equal(steps[0], TEXT("input")))
        diagnostic_hint(origin->diagnostics, diagnostic,
                        "{{input}} is the whole input; write {{%.*s}}",
                        TEXT_ARG(whole_path(steps + 1, count - 1)));
    else
        hint_names(origin, diagnostic, before, steps[bad], known, known_count);
}

void template_refuse_unknown(const struct template_origin *origin, const struct text *steps,
                             size_t count)
{
    if (origin->input == NULL)
        refuse_unschemed(origin, steps, count);
    else
        refuse_undeclared(origin, steps, count);
}
