package io.lorica.llm.testing;

import java.util.Collection;
import java.util.Iterator;

/// How near the gradients of two ways are to each other.
public final class Gradients {

    private Gradients() {}

    /// ‖a - b‖ / ‖b‖ over all tensors together.
    ///
    /// @param a those to judge, in the order of b
    /// @param b those that are right
    public static double distance(Collection<float[]> a, Collection<float[]> b) {
        double difference = 0;
        double length = 0;
        Iterator<float[]> ours = a.iterator();
        for (float[] right : b) {
            float[] own = ours.next();
            for (int i = 0; i < right.length; i++) {
                difference += Math.pow(own[i] - right[i], 2);
                length += Math.pow(right[i], 2);
            }
        }
        return Math.sqrt(difference / length);
    }
}
