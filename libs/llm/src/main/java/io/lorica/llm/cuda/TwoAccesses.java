package io.lorica.llm.cuda;

/// A kernel that comes with 16-byte accesses and without.
///
/// @param precision how its tensors are stored
/// @param wide for rows and addresses that are aligned
/// @param single for all others
record TwoAccesses(Precision precision, CudaFunction wide, CudaFunction single) {

    static TwoAccesses of(Kernels kernels, String source, Precision precision, String name) {
        return new TwoAccesses(
                precision,
                kernels.function(source, precision, name + "_wide"),
                kernels.function(source, precision, name + "_single"));
    }

    /// The one for rows of that width in these matrices.
    Choice at(int width, Rows... matrices) {
        return at(width, 0, matrices);
    }

    /// The one for rows of that width in these matrices and one row more.
    Choice at(int width, long vector, Rows... matrices) {
        return precision.wide(width, vector, matrices) ? new Choice(wide, precision.lanes()) : new Choice(single, 1);
    }

    /// A kernel and the elements that each of its threads takes at a time.
    record Choice(CudaFunction function, int lanes) {}
}
