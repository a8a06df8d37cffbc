/* args - the macros behind ARGS(a, b, …): DB_VALUE applied to each of up to 32 arguments. Written out, for \
    C has no loop here. */
#pragma once
#define ARGS_COUNT(...) ((int64_t)(sizeof((const DbValue[]){ ARGS_MAP(__VA_ARGS__) }) / sizeof(DbValue)))
#define ARGS_PICK(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, \
    a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, name, ...) name
#define ARGS_MAP(...) ARGS_PICK(__VA_ARGS__, ARGS_32, ARGS_31, ARGS_30, ARGS_29, ARGS_28, ARGS_27, ARGS_26, \
    ARGS_25, ARGS_24, ARGS_23, ARGS_22, ARGS_21, ARGS_20, ARGS_19, ARGS_18, ARGS_17, ARGS_16, ARGS_15, ARGS_14, \
    ARGS_13, ARGS_12, ARGS_11, ARGS_10, ARGS_9, ARGS_8, ARGS_7, ARGS_6, ARGS_5, ARGS_4, ARGS_3, ARGS_2, ARGS_1, \
    0)(__VA_ARGS__)
#define ARGS_1(x) DB_VALUE(x)
#define ARGS_2(x, ...) DB_VALUE(x), ARGS_1(__VA_ARGS__)
#define ARGS_3(x, ...) DB_VALUE(x), ARGS_2(__VA_ARGS__)
#define ARGS_4(x, ...) DB_VALUE(x), ARGS_3(__VA_ARGS__)
#define ARGS_5(x, ...) DB_VALUE(x), ARGS_4(__VA_ARGS__)
#define ARGS_6(x, ...) DB_VALUE(x), ARGS_5(__VA_ARGS__)
#define ARGS_7(x, ...) DB_VALUE(x), ARGS_6(__VA_ARGS__)
#define ARGS_8(x, ...) DB_VALUE(x), ARGS_7(__VA_ARGS__)
#define ARGS_9(x, ...) DB_VALUE(x), ARGS_8(__VA_ARGS__)
#define ARGS_10(x, ...) DB_VALUE(x), ARGS_9(__VA_ARGS__)
#define ARGS_11(x, ...) DB_VALUE(x), ARGS_10(__VA_ARGS__)
#define ARGS_12(x, ...) DB_VALUE(x), ARGS_11(__VA_ARGS__)
#define ARGS_13(x, ...) DB_VALUE(x), ARGS_12(__VA_ARGS__)
#define ARGS_14(x, ...) DB_VALUE(x), ARGS_13(__VA_ARGS__)
#define ARGS_15(x, ...) DB_VALUE(x), ARGS_14(__VA_ARGS__)
#define ARGS_16(x, ...) DB_VALUE(x), ARGS_15(__VA_ARGS__)
#define ARGS_17(x, ...) DB_VALUE(x), ARGS_16(__VA_ARGS__)
#define ARGS_18(x, ...) DB_VALUE(x), ARGS_17(__VA_ARGS__)
#define ARGS_19(x, ...) DB_VALUE(x), ARGS_18(__VA_ARGS__)
#define ARGS_20(x, ...) DB_VALUE(x), ARGS_19(__VA_ARGS__)
#define ARGS_21(x, ...) DB_VALUE(x), ARGS_20(__VA_ARGS__)
#define ARGS_22(x, ...) DB_VALUE(x), ARGS_21(__VA_ARGS__)
#define ARGS_23(x, ...) DB_VALUE(x), ARGS_22(__VA_ARGS__)
#define ARGS_24(x, ...) DB_VALUE(x), ARGS_23(__VA_ARGS__)
#define ARGS_25(x, ...) DB_VALUE(x), ARGS_24(__VA_ARGS__)
#define ARGS_26(x, ...) DB_VALUE(x), ARGS_25(__VA_ARGS__)
#define ARGS_27(x, ...) DB_VALUE(x), ARGS_26(__VA_ARGS__)
#define ARGS_28(x, ...) DB_VALUE(x), ARGS_27(__VA_ARGS__)
#define ARGS_29(x, ...) DB_VALUE(x), ARGS_28(__VA_ARGS__)
#define ARGS_30(x, ...) DB_VALUE(x), ARGS_29(__VA_ARGS__)
#define ARGS_31(x, ...) DB_VALUE(x), ARGS_30(__VA_ARGS__)
#define ARGS_32(x, ...) DB_VALUE(x), ARGS_31(__VA_ARGS__)
