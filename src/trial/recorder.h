/* trial/recorder.h
 * Lets requests through to their providers and keeps what they answer, for a recording. Wherever
 * one of a provider's keys stands in an answer, stars are kept in its place. */
#pragma once
#include "trial/recording.h"

struct recorder {
    struct tape tape;    /* first */
    struct arena *arena; /* kept: what is recorded lives there */
    struct recorded *items;
    size_t count;
    bool overflowed; /* there was more than a recording holds */
};

void recorder_init(struct recorder *recorder, struct arena *arena);
