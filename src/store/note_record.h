/* store/note_record.h
 * That an endpoint was not as it usually is: since when, and until when. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum {
    STORE_NOTES_MAX = 1000, /* one more, and the oldest goes */
    NOTE_ID_BYTES = 5 + 26, /* "note_" and base/id.h */
    NOTE_KIND_BYTES_MAX = 32,
    NOTE_ENDPOINT_BYTES_MAX = 200, /* as roll-ups name it */
};

struct note_record {
    int64_t noted_ms; /* wall time: when it was seen */
    struct text id;
    struct text endpoint, kind; /* anomaly_kind_word */
    int64_t since_ms;           /* when it began, as far as can be told */
    int64_t over_ms;            /* when it was over; 0: it is not */
    /* In millionths: of rates, of milliseconds, of USD an hour. */
    int64_t usual, now, worst;
    uint64_t calls; /* of the hour in which it was seen */
};
