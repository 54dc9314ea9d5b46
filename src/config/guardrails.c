/* `guardrails`, of everything, a project or an endpoint. They are read in their own room, which
 * reads those of tokens too; what they look like is described here for editors. */
#include "config/load.h"

#include "config/keys_value.h"
#include "guard/kind.h"

#define WORD_OR(other) .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | KEY_OF(other)
#define WORD           .type = KEY_CELL, .types = KEY_OF(CELL_STRING)

static const char *const pii_words[] = {"mask", "restore", "block", "off", NULL};
static const char *const pii_output_words[] = {"mask", "block", "off", NULL};
static const char *const secret_words[] = {"block", "redact", "off", NULL};
static const char *const block_words[] = {"block", "off", NULL};
const char *const guard_off_words[] = {"off", NULL};
static const char *const side_words[] = {"input", "output", "both", NULL};

// clang-format off
static const struct key pii_keys[] = {
    {.name = "input", WORD, .words = pii_words,
     .about = "What is done about personal data that a caller sends; restored data stands in the answer again.",
     .example = "restore"},
    {.name = "output", WORD, .words = pii_output_words,
     .about = "What is done about personal data that the model writes.",
     .example = "mask"},
    {.name = "kinds", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), .each_types = KEY_OF(CELL_STRING), .items_least = 1,
     .about = "Which kinds are looked for: email, phone, iban, card, ip, national_id, or one of these such as us_ssn; without the key all.",
     .example = "[email, phone]"},
    {.name = "patterns", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), .each_types = KEY_OF(CELL_STRING),
     .about = "Further kinds of your own: a name, and the regular expression of all of such a text.",
     .example = "{ticket: 'TCK-[0-9]{6}'}"},
};
static const struct keys pii_table = KEYS_OF(pii_keys);

static const struct key secret_keys[] = {
    {.name = "input", WORD, .words = secret_words,
     .about = "What is done about credentials that a caller sends.",
     .example = "block"},
    {.name = "output", WORD, .words = secret_words,
     .about = "What is done about credentials that the model writes.",
     .example = "redact"},
};
static const struct keys secret_table = KEYS_OF(secret_keys);

static const struct key injection_keys[] = {
    {.name = "input", WORD, .words = block_words,
     .about = "Whether a caller's text with signs of injection is blocked.",
     .example = "block"},
    {.name = "output", WORD, .words = block_words,
     .about = "Whether a model's text with signs of injection is blocked.",
     .example = "block"},
    {.name = "threshold", .type = KEY_COUNT, .least = 1, .greatest = 100,
     .about = "From how many points on; without the key 7.",
     .example = "10"},
};
static const struct keys injection_table = KEYS_OF(injection_keys);

static const struct key word_keys[] = {
    {.name = "block", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), .each_types = KEY_OF(CELL_STRING), .items_least = 1, .items_most = GUARD_WORDS_MAX,
     .about = "Words and phrases, whole, in whatever case and with or without accents.",
     .example = "[competitor, project x]"},
    {.name = "on", WORD, .words = side_words,
     .about = "On which side; without the key on both.",
     .example = "output"},
};
static const struct keys word_table = KEYS_OF(word_keys);

static const struct key length_keys[] = {
    {.name = "input", .type = KEY_COUNT, .least = 1, .greatest = 1000000000,
     .about = "Characters of what a caller sends.",
     .example = "50000"},
    {.name = "output", .type = KEY_COUNT, .least = 1, .greatest = 1000000000,
     .about = "Characters of what the model writes.",
     .example = "20000"},
};
static const struct keys length_table = KEYS_OF(length_keys);

static const struct key guard_keys[] = {
    {.name = "pii", WORD_OR(CELL_OBJECT), .words = pii_words, .inside = &pii_table,
     .about = "Personal data: masked, masked and restored in the answer, or blocked.",
     .example = "mask"},
    {.name = "secrets", WORD_OR(CELL_OBJECT), .words = secret_words, .inside = &secret_table,
     .about = "Credentials of the usual services: blocked, or taken out.",
     .example = "block"},
    {.name = "injection", WORD_OR(CELL_OBJECT), .words = block_words, .inside = &injection_table,
     .about = "Texts that mean to give the model other orders.",
     .example = "block"},
    {.name = "words", WORD_OR(CELL_OBJECT), .words = guard_off_words, .inside = &word_table,
     .about = "Words that must not be said.",
     .example = "{block: [competitor, project x]}"},
    {.name = "max_chars", .type = KEY_CELL, .types = KEY_OF(CELL_INTEGER) | KEY_OF(CELL_STRING) | KEY_OF(CELL_OBJECT), .words = guard_off_words, .inside = &length_table,
     .about = "How long what is sent, and what is answered, may be.",
     .example = "50000"},
};
// clang-format on
const struct keys guard_table = KEYS_OF(guard_keys);

struct reporting {
    struct load *load;
    const struct document *document;
};

static void report(void *context, uint32_t cell, enum diagnostic_code code, const char *message,
                   const char *hint)
{
    const struct reporting *to = context;
    struct diagnostic *it =
        diagnose(to->load->diagnostics, to->document, cell, code, "%s", message);

    diagnostic_hint(to->load->diagnostics, it, "%s", hint);
}

/* `off` is a word here, and needs no quotes. */
static void allow_off(struct load *load, const struct document *document, uint32_t cell)
{
    const struct reading reading = load_reading(load, document);

    for (uint32_t at = cell; at < document_next(document, cell); at++)
        if (document_cell(document, at)->type == CELL_STRING &&
            text_equal(document_text(document, at), TEXT("off")))
            value_withdraw_warning(&reading, at);
}

bool load_guardrails(struct load *load, const struct document *document, uint32_t cell,
                     struct guard_policy *out)
{
    struct reporting to = {load, document};

    if (cell == CELL_NONE)
        return true;
    allow_off(load, document, cell);
    return guard_policy_read(document, cell, load->arena, report, &to, out);
}
