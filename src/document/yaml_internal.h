/* document/yaml_internal.h
 * Private to document: what the parts of the YAML reader share. */
#pragma once
#include "base/check.h"
#include "document/yaml_read.h"

#include <yaml.h>

/* A place in the source together with the number of characters before it. */
struct yaml_cursor {
    struct position position;
    size_t index;
};

/* A container that is still open. */
struct yaml_level {
    uint32_t cell;
    bool flow;      /* written with brackets */
    bool value_due; /* an object whose last child is a key */
};

struct yaml_loader {
    struct text source, file;
    struct arena *arena;
    struct diagnostics *diagnostics;
    yaml_parser_t parser;
    struct yaml_cursor start, line, cursor; /* of the text; of the cursor's line */
    struct cell *cells;
    struct range *marks;
    uint32_t count, room;
    struct yaml_level levels[YAML_DEPTH];
    uint32_t depth;
    struct position last_end; /* of the cell or container that ended last */
    size_t end_byte;          /* of the document */
    bool complete;
    bool unusable; /* a value could not be told; reading went on for the sake of other problems */
};

/* The place of the character with that index. Cheap when asked in rising order. */
struct position yaml_place(struct yaml_loader *l, size_t index);
/* Fills a cell (which has its mark) from a scalar: its type unless it is a key, its text, and
 * warnings about what may have been meant. */
void yaml_take_scalar(struct yaml_loader *l, const yaml_event_t *event, uint32_t at, bool key);
/* Reports a feature that is not accepted. */
void yaml_refuse(struct yaml_loader *l, struct range range, const char *what, const char *hint);
/* Whether libyaml may see the file; if not, says why. */
bool yaml_acceptable(struct yaml_loader *l);
/* Whether nothing but comments follows the document that ended at end_byte; if not, says so. */
bool yaml_nothing_follows(struct yaml_loader *l);
/* Turns libyaml's complaint into a diagnostic. */
void yaml_report_problem(struct yaml_loader *l);

static inline bool yaml_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}
