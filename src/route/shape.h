/* route/shape.h
 * What rules may say, as data: for editors and manuals. The conditions themselves are compiled by
 * condition.c, which has the last word. */
#pragma once
#include "base/text.h"

enum route_shape {
    ROUTE_SHAPE_COMPARISON, /* a whole number, or a string such as ">= 30000" */
    ROUTE_SHAPE_FLAG,
    ROUTE_SHAPE_TIMES, /* "22:00-06:00" */
    ROUTE_SHAPE_DAYS,  /* one or a list of mon to sun */
    ROUTE_SHAPE_ZONE,
    ROUTE_SHAPE_PERCENT,
    ROUTE_SHAPE_STICKY,
    ROUTE_SHAPE_CALLER,
    ROUTE_SHAPE_HEADER, /* a mapping of names to texts, or whether it is there */
    ROUTE_SHAPE_INPUT,  /* a mapping of JSON Pointers to values or comparisons */
    ROUTE_SHAPE_HEALTH, /* states, or a mapping of providers to states */
    ROUTE_SHAPE_TARGET, /* a comparison, or a mapping of targets to comparisons */
    ROUTE_SHAPE_LIST,   /* of objects of conditions */
    ROUTE_SHAPE_ONE,    /* one such object */
};
struct route_word {
    const char *name;
    enum route_shape shape;
    const char *about;   /* a sentence */
    const char *example; /* a value, as YAML */
};
extern const struct route_word route_words[];
extern const size_t route_word_count;
