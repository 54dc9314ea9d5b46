/* config/variables_check.h
 * Private to config: `variables` under way, and what may be wrong with one beyond its keys' types.
 */
#pragma once
#include "config/load.h"
#include "config/made_document.h"

/* `type: enum` is no type, but what many will try. */
enum { TYPE_ENUM = VARIABLE_OBJECT + 1, TYPE_UNSAID = UINT32_MAX };

struct variable_draft {
    uint32_t type;                                          /* enum variable_type or TYPE_UNSAID */
    uint32_t choices, fallback, pattern, items, properties; /* cells */
    uint32_t min_length, max_length, min, max, min_items, max_items;
    struct text description, format;
    bool optional;
};

/* A default, and the schema of its variable. */
struct default_use {
    uint32_t schema, value; /* cells: of the schema that is made, of the file */
    struct text name;
};
struct reading_variables {
    struct load *load;
    const struct document *document;
    struct reading reading;
    struct made_document schema;
    struct default_use *defaults;
    size_t default_count, default_room;
    uint32_t depth;
    bool good;
};

extern const char *const variable_type_words[]; /* by enum variable_type, then TYPE_ENUM, NULL */
const char *variable_type_kind(enum variable_type type); /* "a string" */

/* Which keys are for which types, as bits, and what they become in the schema. */
struct variable_meaning {
    const char *key;
    unsigned types;
    const char *whose;   /* "... is for ..." */
    const char *keyword; /* NULL: it is not copied as it stands */
};
enum { VARIABLE_MEANINGS = 13 };
extern const struct variable_meaning variable_meanings[VARIABLE_MEANINGS];

#define VARIABLE_SCALARS                                                                           \
    (KEY_OF(CELL_BOOLEAN) | KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER) | KEY_OF(CELL_STRING))

/* Reports an error. */
struct diagnostic *variables_report(struct reading_variables *v, uint32_t cell,
                                    enum diagnostic_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct text variables_shown(struct reading_variables *v, struct text name);
#define VARIABLES_HINT(v, it, ...) diagnostic_hint((v)->load->diagnostics, (it), __VA_ARGS__)

/* The name at that cell; `outermost`: it is a variable of its own, not a part of one. */
bool variables_check_name(struct reading_variables *v, uint32_t at, bool outermost);
/* `type: enum`, at that cell. */
void variables_refuse_enum(struct reading_variables *v, struct text name, uint32_t at);
/* Completes draft->type by the keys that say it. */
bool variables_find_type(struct reading_variables *v, struct text name, uint32_t at,
                         struct variable_draft *draft);
/* How the keys of one variable, which has a type, go together. */
void variables_check_keys(struct reading_variables *v, struct text name, uint32_t at,
                          const struct variable_draft *draft);
void variables_check_default(struct reading_variables *v, const struct document *schema,
                             const struct default_use *use);
