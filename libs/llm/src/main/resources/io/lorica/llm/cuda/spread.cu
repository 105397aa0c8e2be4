// What the optimizer made of an adapter's float32 matrices goes, in the model's type, to where the products read it:
// to[row, column] = factor * from[row, column], for all matrices in one launch.

#include "numeric.cuh"

constexpr int THREADS = 256;

// One matrix, as the host lays it out.
struct Member {
    const float* from;  // (rows, columns)
    Stored* to;
    i64 stride;         // elements from one row of the target to the next
    int rows;
    int columns;
    float factor;
    int fours;          // whether four neighbours can be taken at a time
};

// Some rows of a matrix, which one block of threads takes.
struct Part {
    int member;
    int first;
    int rows;
    int unused;
};

KERNEL __launch_bounds__(THREADS) spread(const Member* members, const Part* parts) {
    const Part part = parts[blockIdx.x];
    const Member m = members[part.member];
    const u32 count = (u32) part.rows * m.columns;
    const float* from = m.from + (i64) part.first * m.columns;
    Stored* to = m.to + part.first * m.stride;
    const u32 step = m.fours ? 4 : 1;
    for (u32 i = threadIdx.x * step; i < count; i += THREADS * step) {
        const u32 row = i / (u32) m.columns;
        Stored* target = to + row * m.stride + (i - row * m.columns);
        if (m.fours) {
            float x[4];
            load<f32, 4>(from + i, x);
#pragma unroll
            for (int j = 0; j < 4; j++) {
                x[j] *= m.factor;
            }
            if constexpr (sizeof(Stored) == 4) {
                store<Stored, 4>(target, x);
            } else {
                *reinterpret_cast<uint2*>(target) = make_uint2(narrow2<Stored>(x[0], x[1]), narrow2<Stored>(x[2], x[3]));
            }
        } else {
            const float x[1] = {m.factor * from[i]};
            store<Stored, 1>(target, x);
        }
    }
}
