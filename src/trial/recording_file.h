/* trial/recording_file.h
 * What the reader and the writer of recordings have in common. Private to them. */
#pragma once
#include "trial/recording.h"

enum { RECORDING_FORMAT = 1, RECORDING_DEPTH = 900 };

/* How far an exchange had come, in a word. */
const char *recording_sent_word(enum exchange_sent sent);
