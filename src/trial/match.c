#include "trial/match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 1000 };

static pcre2_code *compile(struct text pattern, uint32_t options)
{
    PCRE2_SIZE offset;
    int number;

    return pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, PCRE2_UTF | options, &number, &offset,
                         NULL);
}

/* Whether the pattern is found in the text; *out_why, where that cannot be told. */
static bool matches(struct text pattern, uint32_t options, struct text text, const char **out_why)
{
    pcre2_code *code = compile(pattern, options);
    pcre2_match_data *data = code != NULL ? pcre2_match_data_create(1, NULL) : NULL;
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    int found = PCRE2_ERROR_NOMEMORY;

    *out_why = NULL;
    if (data != NULL && context != NULL) {
        pcre2_set_match_limit(context, MATCH_LIMIT);
        pcre2_set_depth_limit(context, DEPTH_LIMIT);
        found = pcre2_match(code, (PCRE2_SPTR)(text.len > 0 ? text.at : ""), text.len, 0, 0, data,
                            context);
    }
    if (found < 0 && found != PCRE2_ERROR_NOMATCH)
        *out_why = "the match was given up: the expression takes too many steps";
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return found >= 0;
}

bool match_regex(struct text pattern, struct text text, const char **out_why)
{
    return matches(pattern, PCRE2_UCP, text, out_why);
}

bool match_contains(struct text text, struct text part)
{
    const char *why;

    return part.len == 0 || matches(part, PCRE2_LITERAL | PCRE2_CASELESS, text, &why);
}
