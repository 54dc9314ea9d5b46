#include "provider/anthropic_model.h"

enum { NAME_PREFIX = sizeof "claude-" - 1, DATE_DIGITS = 8 };

// clang-format off
static const struct anthropic_model models[] = {
    /* name          sampling       thinking           xhigh  forced prefill format */
    {"3-haiku",      SAMPLING_ANY,  THINKING_NONE,     false, true,  true,  false},
    {"3-sonnet",     SAMPLING_ANY,  THINKING_NONE,     false, true,  true,  false},
    {"3-opus",       SAMPLING_ANY,  THINKING_NONE,     false, true,  true,  false},
    {"3-5-haiku",    SAMPLING_ANY,  THINKING_NONE,     false, true,  true,  false},
    {"3-5-sonnet",   SAMPLING_ANY,  THINKING_NONE,     false, true,  true,  false},
    {"3-7-sonnet",   SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false},
    {"sonnet-4",     SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false},
    {"sonnet-4-0",   SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false},
    {"opus-4",       SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false},
    {"opus-4-0",     SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false},
    {"opus-4-1",     SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  true},
    {"haiku-4-5",    SAMPLING_ONE,  THINKING_BUDGET,   false, true,  true,  true},
    {"sonnet-4-5",   SAMPLING_ONE,  THINKING_BUDGET,   false, true,  true,  true},
    {"opus-4-5",     SAMPLING_ONE,  THINKING_BUDGET,   false, true,  true,  true},
    {"sonnet-4-6",   SAMPLING_ONE,  THINKING_ADAPTIVE, false, true,  false, true},
    {"opus-4-6",     SAMPLING_ONE,  THINKING_ADAPTIVE, false, true,  false, true},
    {"opus-4-7",     SAMPLING_NONE, THINKING_ADAPTIVE, true,  true,  false, true},
    {"opus-4-8",     SAMPLING_NONE, THINKING_ADAPTIVE, true,  true,  false, true},
    {"sonnet-5",     SAMPLING_NONE, THINKING_DEFAULT,  true,  true,  false, true},
    {"opus-5",       SAMPLING_NONE, THINKING_DEFAULT,  true,  true,  false, true},
    {"haiku-5-5",    SAMPLING_NONE, THINKING_ALWAYS,   true,  true,  false, true},
    {"fable-5",      SAMPLING_NONE, THINKING_ALWAYS,   true,  true,  false, true},
};
/* Others' models behind the same protocol. */
static const struct anthropic_model foreign =
    {"",             SAMPLING_ANY,  THINKING_BUDGET,   false, true,  true,  false};
/* Also of sonnet-5-5, opus-5-5, fable-5-1 and fable-5-2. */
static const struct anthropic_model newer =
    {"",             SAMPLING_NONE, THINKING_ALWAYS,   true,  false, false, true};
// clang-format on

static bool is_date(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len == DATE_DIGITS;
}

/* "claude-opus-4-1-20250805" is "opus-4-1", and so is "claude-opus-4.1". */
static bool same_model(struct text model, struct text name)
{
    struct text rest = text_after(model, name.len);

    if (model.len < name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (model.at[i] != name.at[i] && !(model.at[i] == '.' && name.at[i] == '-'))
            return false;
    return rest.len == 0 || text_equal(rest, TEXT("-latest")) ||
           (rest.at[0] == '-' && is_date(text_after(rest, 1)));
}

const struct anthropic_model *anthropic_model_find(struct text model)
{
    if (!text_starts(model, TEXT("claude-")))
        return &foreign;
    model = text_after(model, NAME_PREFIX);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (same_model(model, text_of(models[i].name)))
            return &models[i];
    return &newer;
}
