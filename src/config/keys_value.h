/* config/keys_value.h
 * Private to the key reader: single values. The read functions store into the key's field and
 * return true, or report and return false; the cell has an accepted type. */
#pragma once
#include "config/keys.h"

bool value_read_text(const struct reading *reading, const struct key *key, uint32_t at, void *into);
bool value_read_count(const struct reading *reading, const struct key *key, uint32_t at,
                      void *into);
bool value_read_quantity(const struct reading *reading, const struct key *key, uint32_t at,
                         void *into);
bool value_read_choice(const struct reading *reading, const struct key *key, uint32_t at,
                       void *into);
bool value_in_range(const struct reading *reading, const struct key *key, uint32_t at,
                    double value);
/* "; it can be from 1s to 10m", or nothing where any value is taken: for messages. */
struct text value_range_told(const struct reading *reading, const struct key *key);
/* The choice that somebody means who writes a false or a no; empty: there is none. */
struct text value_no_meant(const struct key *key, const struct cell *cell);
/* Reports that the cell has no accepted type; returns false. */
bool value_wrong_type(const struct reading *reading, const struct key *key, uint32_t at);
/* Whether it is an unquoted yes, no, on, off, y or n. */
bool value_yes_or_no(const struct cell *cell);
/* The YAML reader warns of an unquoted `off` wherever it stands, because it cannot know what is
 * expected there; once that is known the warning has been answered. */
void value_withdraw_warning(const struct reading *reading, uint32_t at);
