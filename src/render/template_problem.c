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
#define HINT(origin, diagnostic, ...)                                                              \
    diagnostic_hint((origin)->diagnostics, (diagnostic), __VA_ARGS__)

struct text template_tag_text(const struct template_origin *origin, const struct template_tag *tag)
{
    return text_between(origin->text.at + tag->start, origin->text.at + tag->end);
}

/* As it was written, for messages: its first line, and not all of a long one. */
static struct text shown(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text all = template_tag_text(origin, tag);

    return text_cut(text_first(all, text_find_byte(all, '\n')), 48);
}

static struct text shown_name(const struct template_tag *tag)
{
    return text_cut(tag->inner, 48);
}

static const struct feature {
    char sigil;
    const char *what; /* "'{{<a}}' ..." */
} features[] = {
    {'<', "names a parent template; templates here do not inherit"},
    {'$', "names a block; templates here do not inherit"},
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
    struct text all = shown(origin, tag), name = shown_name(tag);
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, template_tag_text(origin, tag), DIAGNOSTIC_E0303, "'%.*s' %s",
                 TEXT_ARG(all), feature->what);

    HINT(origin, diagnostic, "put what '%.*s' has into a partial, and {{>%.*s}} where it is needed",
         TEXT_ARG(name), TEXT_ARG(name));
}

void template_refuse_dynamic(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text all = shown(origin, tag);
    struct diagnostic *diagnostic = DIAGNOSE(
        origin, template_tag_text(origin, tag), DIAGNOSTIC_E0303,
        "'%.*s' has the input choose a partial, which is not accepted here", TEXT_ARG(all));

    HINT(origin, diagnostic,
         "name each partial within a section: {{#formal}}{{>formal-tone}}{{/formal}}");
}

static struct text part_or_tag(const struct template_origin *origin, const struct template_tag *tag)
{
    return tag->inner.len > 0 ? tag->inner : template_tag_text(origin, tag);
}

void template_refuse_name(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text all = shown(origin, tag);
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, part_or_tag(origin, tag), DIAGNOSTIC_E0301, "'%.*s' %s", TEXT_ARG(all),
                 tag->inner.len > 0 ? "does not hold the name of a variable" : "names no variable");

    HINT(origin, diagnostic,
         "a tag holds one name such as {{title}} or {{customer.name}}, made of letters, "
         "digits, '_' and '-'; there are no filters, calls or expressions");
}

void template_refuse_partial_name(const struct template_origin *origin,
                                  const struct template_tag *tag)
{
    struct text all = shown(origin, tag);
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, part_or_tag(origin, tag), DIAGNOSTIC_E0301, "'%.*s' %s", TEXT_ARG(all),
                 tag->inner.len > 0 ? "does not hold the name of a partial" : "names no partial");

    HINT(origin, diagnostic,
         "{{>tone}} is endpoints/partials/tone.mustache; a name is made of letters, digits, '_' "
         "and '-'");
}

void template_refuse_open(const struct template_origin *origin, const struct template_tag *tag)
{
    struct text part = text_trim(shown(origin, tag)), close = tag->close;
    const char *before = tag->sigil == '{' ? "}" : tag->sigil == '=' ? "=" : "";
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, part, DIAGNOSTIC_E0301, "the tag '%.*s' is not closed, expected '%s%.*s'",
                 TEXT_ARG(part), before, TEXT_ARG(close));

    HINT(origin, diagnostic,
         "close it with '%s%.*s'; where '%.*s' is to be text, set other delimiters before it: "
         "{{=<%% %%>=}}",
         before, TEXT_ARG(close), TEXT_ARG(tag->open));
}

void template_refuse_delimiters(const struct template_origin *origin,
                                const struct template_tag *tag)
{
    struct text all = shown(origin, tag);
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, template_tag_text(origin, tag), DIAGNOSTIC_E0301,
                 "'%.*s' does not hold two delimiters", TEXT_ARG(all));

    HINT(origin, diagnostic,
         "it is written {{=<%% %%>=}}: two delimiters of at most 16 bytes with a space between "
         "them, without '='");
}

/* --- sections --- */

void template_refuse_unended(const struct template_origin *origin, const struct template_tag *open)
{
    struct text all = shown(origin, open), name = shown_name(open);
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, template_tag_text(origin, open), DIAGNOSTIC_E0301,
                 "the section '%.*s' is not ended", TEXT_ARG(all));

    HINT(origin, diagnostic, "add %.*s/%.*s%.*s where it ends", TEXT_ARG(open->open),
         TEXT_ARG(name), TEXT_ARG(open->close));
}

void template_refuse_end(const struct template_origin *origin, const struct template_tag *tag,
                         const struct template_tag *open)
{
    struct text all = shown(origin, tag), name = shown_name(tag), inner;
    struct diagnostic *diagnostic;

    if (open == NULL) {
        diagnostic = DIAGNOSE(origin, template_tag_text(origin, tag), DIAGNOSTIC_E0301,
                              "'%.*s' ends a section that is not open", TEXT_ARG(all));
        HINT(origin, diagnostic, "begin it with %.*s#%.*s%.*s, or remove the tag",
             TEXT_ARG(tag->open), TEXT_ARG(name), TEXT_ARG(tag->close));
        return;
    }
    inner = shown_name(open);
    diagnostic = DIAGNOSE(origin, template_tag_text(origin, tag), DIAGNOSTIC_E0301,
                          "'%.*s' ends a section that is not open; '%.*s' is", TEXT_ARG(all),
                          TEXT_ARG(inner));
    HINT(origin, diagnostic, "did you mean %.*s/%.*s%.*s?", TEXT_ARG(tag->open), TEXT_ARG(inner),
         TEXT_ARG(tag->close));
}

void template_refuse_depth(const struct template_origin *origin, const struct template_tag *tag)
{
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, template_tag_text(origin, tag), DIAGNOSTIC_E0301,
                 "sections are nested deeper than 32");

    HINT(origin, diagnostic, "move the inner ones into a partial");
}

/* --- names --- */

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

static struct text whole_path(const struct text *steps, size_t count)
{
    return text_between(steps[0].at, steps[count - 1].at + steps[count - 1].len);
}

/* Says which names could have been meant at the first step that is wrong. */
static void hint_names(const struct template_origin *origin, struct diagnostic *diagnostic,
                       const struct template_unknown *it)
{
    static const struct text whole = TEXT_INIT("input");
    struct text before = text_between(it->steps[0].at, it->steps[it->good].at), all;
    struct text near = nearest_name(it->steps[it->good], it->names, it->name_count);

    if (near.len == 0 && before.len == 0)
        near = nearest_name(it->steps[0], &whole, 1);
    if (near.len > 0) {
        HINT(origin, diagnostic, "did you mean {{%.*s%.*s}}?", TEXT_ARG(before), TEXT_ARG(near));
    } else if (it->name_count > 0) {
        all = list_names(it->names, it->name_count, origin->diagnostics->arena);
        HINT(origin, diagnostic, "known here: %.*s", TEXT_ARG(all));
    }
}

static void refuse_unschemed(const struct template_origin *origin,
                             const struct template_unknown *it)
{
    static const struct text known[] = {TEXT_INIT("input"), TEXT_INIT("message")};
    struct text path = whole_path(it->steps, it->count), near;
    struct diagnostic *diagnostic = DIAGNOSE(
        origin, path, DIAGNOSTIC_E0302,
        "unknown variable '%.*s': without an input schema%s%.*s%s there are only {{input}} "
        "and {{message}}",
        TEXT_ARG(path), it->user.len > 0 ? ", as in " : "", TEXT_ARG(it->user),
        it->user.len > 0 ? "," : "");

    if (origin->diagnostics->count == DIAGNOSTICS_MAX)
        return;
    near = nearest_name(path, known, 2);
    if (near.len > 0)
        HINT(origin, diagnostic, "did you mean {{%.*s}}?", TEXT_ARG(near));
    else
        HINT(origin, diagnostic, "add an input_schema that declares '%.*s'", TEXT_ARG(path));
}

static void refuse_undeclared(const struct template_origin *origin,
                              const struct template_unknown *it)
{
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, it->steps[it->good], DIAGNOSTIC_E0302,
                 "unknown variable '%.*s': %s%s%.*s does not declare it",
                 TEXT_ARG(whole_path(it->steps, it->good + 1)),
                 it->variables ? "'variables'" : "the input schema", it->user.len > 0 ? " of " : "",
                 TEXT_ARG(it->user));

    if (origin->diagnostics->count == DIAGNOSTICS_MAX)
        return; /* nobody would read the hint, and looking for names takes its time */
    if (it->good == 0 && it->count > 1 && text_equal(it->steps[0], TEXT("input")))
        HINT(origin, diagnostic, "{{input}} is the whole input; write {{%.*s}}",
             TEXT_ARG(whole_path(it->steps + 1, it->count - 1)));
    else if (it->list)
        HINT(origin, diagnostic, "it is a list: {{#%.*s}}{{%.*s}}{{/%.*s}}",
             TEXT_ARG(whole_path(it->steps, it->good)),
             TEXT_ARG(whole_path(it->steps + it->good, it->count - it->good)),
             TEXT_ARG(whole_path(it->steps, it->good)));
    else
        hint_names(origin, diagnostic, it);
}

/* Both prompts of an endpoint may use a partial, and each more than once. */
static void drop_repeated(struct diagnostics *all)
{
    const struct diagnostic *last = &all->items[all->count - 1];

    for (size_t i = 0; i + 1 < all->count; i++) {
        if (all->items[i].range.start.byte != last->range.start.byte ||
            !text_equal(all->items[i].file, last->file) ||
            !text_equal(all->items[i].message, last->message))
            continue;
        all->count--;
        all->error_count--;
        return;
    }
}

void template_refuse_unknown(const struct template_origin *origin,
                             const struct template_unknown *unknown)
{
    size_t count = origin->diagnostics->count;

    if (unknown->schemed)
        refuse_undeclared(origin, unknown);
    else
        refuse_unschemed(origin, unknown);
    if (unknown->user.len > 0 && origin->diagnostics->count > count)
        drop_repeated(origin->diagnostics);
}

/* --- partials --- */

void template_refuse_partial(const struct template_origin *origin, struct text name,
                             const struct text *names, size_t count)
{
    struct text cut = text_cut(name, 48), near, all;
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, name, DIAGNOSTIC_E0304, "there is no partial '%.*s'", TEXT_ARG(cut));

    if (origin->diagnostics->count == DIAGNOSTICS_MAX)
        return;
    near = nearest_name(name, names, count);
    all = list_names(names, count, origin->diagnostics->arena);
    if (near.len > 0)
        HINT(origin, diagnostic, "did you mean {{>%.*s}}?", TEXT_ARG(near));
    else if (count > 0)
        HINT(origin, diagnostic, "there are: %.*s", TEXT_ARG(all));
    else
        HINT(origin, diagnostic, "write it into endpoints/partials/%.*s.mustache", TEXT_ARG(cut));
}

void template_refuse_cycle(const struct template_origin *origin, struct text name, struct text path)
{
    struct diagnostic *diagnostic = DIAGNOSE(origin, name, DIAGNOSTIC_E0305,
                                             "the partial '%.*s' includes itself without end: %.*s",
                                             TEXT_ARG(name), TEXT_ARG(path));

    HINT(origin, diagnostic,
         "put the tag into a section that ends with the input: "
         "{{#children}}{{>%.*s}}{{/children}}",
         TEXT_ARG(name));
}

void template_refuse_nesting(const struct template_origin *origin, struct text name)
{
    struct diagnostic *diagnostic =
        DIAGNOSE(origin, name, DIAGNOSTIC_E0305, "partials include one another deeper than 64");

    HINT(origin, diagnostic, "write the text of some of them where it is needed");
}
