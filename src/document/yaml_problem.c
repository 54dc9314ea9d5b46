/* libyaml says what its grammar missed; an author wants to know what to change. The commonest of
 * its complaints are put into other words here, the rest pass as they are. */
#include "document/place.h"
#include "document/yaml_internal.h"

struct wording {
    const char *problem; /* libyaml's words */
    const char *message;
    const char *hint;
    bool at_context; /* the place is where the construct began, not where it failed */
};

static const struct wording wordings[] = {
    // clang-format off
    {"could not find expected ':'", "expected ':' after this key",
     "write 'key: value'; quote text that is meant to stand alone", true},
    {"mapping values are not allowed in this context", "a ':' is not allowed here",
     "put the value in quotes if it contains ': ', or check the indentation", false},
    {"block sequence entries are not allowed in this context", "a '-' is not allowed here",
     "a list starts on the line after its key; quote a value that starts with '-'", false},
    {"mapping keys are not allowed in this context", "a key is not allowed here",
     "check the indentation", false},
    {"found unexpected end of stream", "the quotation mark is never closed",
     "close the quoted text", true},
    {"found unexpected document indicator", "the quotation mark is never closed",
     "close the quoted text", true},
    {"found unknown escape character", "unknown escape in double quotes",
     "write \\\\ for a backslash, or use single quotes", false},
    {"did not find expected hexdecimal number", "expected hexadecimal digits in an escape",
     "write \\xHH, \\uHHHH or \\UHHHHHHHH", false},
    {"found invalid Unicode character escape code", "the escape is no Unicode character",
     "surrogates are not accepted; write the character itself or \\UHHHHHHHH", false},
    {"found a tab character where an indentation space is expected",
     "a tab cannot indent YAML", "use spaces", false},
    {"found a tab character that violates indentation",
     "a tab cannot indent YAML", "use spaces", false},
    {"did not find expected comment or line break",
     "expected a line break after '|' or '>'", "start the text on the next line", false},
    {"did not find expected key", "expected a key",
     "check the indentation: it must be that of the keys before it", false},
    {"did not find expected '-' indicator", "expected '-'",
     "check the indentation: it must be that of the items before it", false},
    {"did not find expected ',' or ']'", "expected ',' or ']'",
     "close the list that began with '['", false},
    {"did not find expected ',' or '}'", "expected ',' or '}'",
     "close the mapping that began with '{', or quote the value", false},
    {"did not find expected node content", "expected a value",
     "quote a value that starts with a special character", false},
    {"did not find expected alphabetic or numeric character",
     "expected a name after '*' or '&'", "quote a value that starts with '*' or '&'", false},
    {"found incompatible YAML document", "this version of YAML is not known",
     "write %YAML 1.2, or leave the line out", false},
    {"control characters are not allowed", "a control character is not allowed here",
     "remove it, or write it as an escape in double quotes", false},
    // clang-format on
};

static const struct wording *wording_of(const char *problem)
{
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++) {
        if (strcmp(wordings[i].problem, problem) == 0)
            return &wordings[i];
    }
    return NULL;
}

static struct diagnostic *report(struct yaml_loader *l, struct position start,
                                 enum diagnostic_code code, const char *message)
{
    struct range range = {start, start};

    do
        position_advance(&range.end, l->source, range.end.byte + 1);
    while (range.end.byte < l->source.len &&
           ((unsigned char)l->source.at[range.end.byte] & 0xC0) == 0x80);
    return diagnose_file(l->diagnostics, l->file, l->source, range, code, "%s", message);
}

/* A character that cannot start anything. */
static void report_character(struct yaml_loader *l, struct position place)
{
    char byte = place.byte < l->source.len ? l->source.at[place.byte] : ' ';
    struct diagnostic *diagnostic;

    if (byte == '\t') {
        diagnostic = report(l, place, DIAGNOSTIC_E0001, "a tab cannot indent YAML");
        diagnostic_hint(l->diagnostics, diagnostic, "use spaces");
        return;
    }
    diagnostic = report(l, place, DIAGNOSTIC_E0001, "an unquoted value cannot start like this");
    diagnostic_hint(l->diagnostics, diagnostic, "put the value in quotes");
}

static bool is_about(const char *context, const char *what)
{
    return context != NULL && strstr(context, what) != NULL;
}

/* Tags and directives that libyaml cannot even read are refused like those it can. */
static bool report_refused(struct yaml_loader *l, struct position place)
{
    struct diagnostic *diagnostic;
    bool tag = is_about(l->parser.context, "tag") || is_about(l->parser.problem, "tag handle");

    if (!tag && !is_about(l->parser.context, "directive"))
        return false;
    diagnostic = report(l, place, DIAGNOSTIC_E0005,
                        tag ? "a tag is not accepted here" : "a directive is not accepted here");
    diagnostic_hint(l->diagnostics, diagnostic,
                    tag ? "remove what starts with '!'; quote the value if the '!' belongs to it"
                        : "remove the line; only %%YAML 1.2 may stand before the document");
    return true;
}

static void hint(struct yaml_loader *l, struct diagnostic *diagnostic, const char *text)
{
    size_t line = l->parser.context_mark.line + 1;
    bool began = is_about(l->parser.context, "collection") ||
                 is_about(l->parser.context, "mapping") || is_about(l->parser.context, "sequence");

    if (began && line < diagnostic->range.start.line)
        diagnostic_hint(l->diagnostics, diagnostic, "%s (it began on line %zu)", text, line);
    else
        diagnostic_hint(l->diagnostics, diagnostic, "%s", text);
}

void yaml_report_problem(struct yaml_loader *l)
{
    const char *problem = l->parser.problem;
    const struct wording *wording;
    struct position place;

    if (l->parser.error == YAML_MEMORY_ERROR || problem == NULL)
        NEVER("libyaml found no memory");
    wording = wording_of(problem);
    if (l->parser.error == YAML_READER_ERROR)
        place = position_at(l->source, l->start.position.byte + l->parser.problem_offset);
    else if (wording != NULL && wording->at_context)
        place = yaml_place(l, l->parser.context_mark.index);
    else
        place = yaml_place(l, l->parser.problem_mark.index);
    if (report_refused(l, place))
        return;
    if (strcmp(problem, "found character that cannot start any token") == 0)
        report_character(l, place);
    else if (wording != NULL)
        hint(l, report(l, place, DIAGNOSTIC_E0001, wording->message), wording->hint);
    else
        report(l, place, DIAGNOSTIC_E0001, problem);
}
