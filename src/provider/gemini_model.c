/* What Gemini models take, by family and version: "gemini-2.5-flash-lite" is version 25 of the
 * family "flash-lite". One without a version ("gemini-flash-latest") is the newest. */
#include "provider/gemini_model.h"

enum { NEWEST = 1000 };

#define OF_2  .penalties = true, .system = true, .json = true
#define OF_25 .thinking = GEMINI_THINKS_A_BUDGET, .system = true, .json = true
#define OF_3                                                                                       \
    .thinking = GEMINI_THINKS_A_LEVEL, .penalties = true, .system = true, .json = true,            \
    .json_beside_tools = true, .signatures = true

// clang-format off
static const struct row {
    const char *family; /* the name behind the version begins with it */
    int from, below;    /* versions, times ten */
    struct gemini_model model;
} rows[] = {
    {"",           0,  25,         {OF_2}},
    {"pro",        25, 30,         {OF_25, .budget_least = 128, .budget_most = 32768}},
    {"",           25, 30,         {OF_25, .budget_least = 0, .budget_most = 24576}},
    {"pro",        30, NEWEST + 1, {OF_3, .level_least = "low"}},
    {"flash-lite", 30, NEWEST + 1, {OF_3, .level_least = "minimal"}},
    {"flash",      37, NEWEST + 1, {OF_3, .level_least = "low"}},
    {"hydrogen",   40, 41,         {OF_3, .level_least = "low", .xhigh = true}},
};
static const struct gemini_model newer = {OF_3, .level_least = "minimal"};
/* Gemma takes neither instructions nor JSON mode. */
static const struct gemini_model gemma = {.penalties = true};
static const struct gemini_model foreign = {.penalties = true, .system = true, .json = true};
// clang-format on

static int take_digit(struct text *rest)
{
    int digit;

    if (rest->len == 0 || rest->at[0] < '0' || rest->at[0] > '9')
        return -1;
    digit = rest->at[0] - '0';
    *rest = text_after(*rest, 1);
    return digit;
}

/* "3.1-pro-preview" is 31, and leaves "pro-preview". */
static int take_version(struct text *rest)
{
    int version = 0, digit = take_digit(rest);

    if (digit < 0)
        return NEWEST;
    for (; digit >= 0; digit = take_digit(rest))
        version = version < NEWEST / 10 ? version * 10 + digit : NEWEST / 10;
    version *= 10;
    if (text_starts(*rest, TEXT("."))) {
        *rest = text_after(*rest, 1);
        digit = take_digit(rest);
        version += digit > 0 ? digit : 0;
    }
    if (text_starts(*rest, TEXT("-")))
        *rest = text_after(*rest, 1);
    return version < NEWEST ? version : NEWEST;
}

const struct gemini_model *gemini_model_find(struct text model)
{
    struct text rest;
    int version;

    if (text_starts(model, TEXT("gemma-")))
        return &gemma;
    if (!text_starts(model, TEXT("gemini-")))
        return &foreign;
    rest = text_after(model, sizeof "gemini-" - 1);
    version = take_version(&rest);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (version >= rows[i].from && version < rows[i].below &&
            text_starts(rest, text_of(rows[i].family)))
            return &rows[i].model;
    return &newer;
}
