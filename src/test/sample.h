/* sample - 样例: a struct with every kind of field, for the tests and fuzzers of what walks Field tables. */
#pragma once
#include "base/field.h"

typedef enum SampleColour { SAMPLE_NONE, SAMPLE_RED, SAMPLE_GREEN } SampleColour;
static const char *const sample_colours[] = { "", "red", "green", NULL };

typedef struct SampleLine { int64_t item_id, quantity; Str name; } SampleLine;
typedef LIST_OF(SampleLine) SampleLines;
static const Field sample_line_field[] = {
    FIELD_ID(SampleLine, item_id, .need = true),
    FIELD(SampleLine, quantity, .need = true, .min = 1, .max = 9999),
    FIELD(SampleLine, name, .max = 20),
};
static const Fields sample_line_fields = FIELDS(SampleLine, sample_line_field);

typedef struct Sample {
    uint64_t given;
    int64_t member_id, points, day, made_id;
    bool is_new;
    SampleColour colour;
    Str name, extra;
    Bytes hash;
    SampleLine first;
    SampleLines lines;
    StrList tags;
    IntList coupon_ids;
} Sample;
static const Field sample_field[] = {
    FIELD_ID(Sample, member_id, .need = true),
    FIELD(Sample, points, .min = INT64_MIN),
    FIELD_DAY(Sample, day),
    FIELD_ID(Sample, made_id, .is_out = true, .skip_zero = true),
    FIELD(Sample, is_new),
    FIELD_ENUM(Sample, colour, sample_colours),
    FIELD(Sample, name, .max = 50),
    FIELD_JSON(Sample, extra),
    FIELD(Sample, hash, .max = 32),
    FIELD_OBJECT(Sample, first, sample_line_fields, .skip_zero = true),
    FIELD_LIST(Sample, lines, sample_line_fields, .max = 40),
    FIELD(Sample, tags, .max = 40),
    FIELD(Sample, coupon_ids, .max = 40),
};
static const Fields sample_fields = FIELDS_GIVEN(Sample, sample_field);
