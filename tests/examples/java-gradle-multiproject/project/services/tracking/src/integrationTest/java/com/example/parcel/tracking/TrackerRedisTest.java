package com.example.parcel.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.JedisPooled;

class TrackerRedisTest {
    @Test
    void remembers() {
        try (JedisPooled redis = new JedisPooled(System.getenv().getOrDefault("REDIS_URL", "redis://localhost:6379"))) {
            redis.set("parcel", "5");
            assertEquals("5", redis.get("parcel"));
        }
    }
}
