package pl.ksefoffline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The native library answers: a link, a deadline, an exception. */
class SmokeTest {
    @Test
    fun `the library knows its version`() {
        assertTrue(Regex("""\d+\.\d+\.\d+""").matches(version()))
    }

    @Test
    fun `code one names seller, day and hash`() {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        assertEquals(
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
            codeOneLink("test", "1111111111", "2026-02-01", "abc".toByteArray()),
        )
    }

    @Test
    fun `the Ministry's example is due on the seventh business day`() {
        val failure = """
            [{"id":"K/2025/AWR/02","eventId":1,"category":"FAILURE","type":"FAILURE_END",
              "start":"2025-07-10T08:00:00+02:00","end":"2025-07-12T18:00:00+02:00"}]
        """
        val answer = deadline("emergency", "2025-07-11", failure, null)
        assertEquals("due", answer.state)
        assertEquals("2025-07-22", answer.due)
        assertEquals("art. 106nf", answer.basis)
        assertTrue(answer.sentAfterDue)
    }

    @Test
    fun `a refusal carries its code and both languages`() {
        val refused = assertThrows(KsefOfflineException.Refused::class.java) {
            deadline("online", "2026-01-02", null, null)
        }
        assertEquals("mode-unknown", refused.code)
        assertTrue(refused.polish.isNotEmpty() && refused.english.isNotEmpty())
        assertFalse(refused.retryable)
        assertNull(refused.retryAfterSeconds)
    }
}
