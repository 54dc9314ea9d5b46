/* command/providers_print.h
 * How providers fare, for people: a line for each, or all that is known of one. */
#pragma once
#include "document/document.h"

struct providers {
    const struct document *list; /* as `GET /admin/v1/providers` answers */
    const struct document
        *hour; /* as `GET /admin/v1/series?by=provider` does; NULL: not to be had */
    bool color;
};

/* What was sent to one in the last hour; CELL_NONE: nothing, or it is not known. */
uint32_t providers_hour(const struct providers *providers, uint32_t provider);

void providers_print_list(const struct providers *providers);
void providers_print_one(const struct providers *providers, uint32_t provider);
