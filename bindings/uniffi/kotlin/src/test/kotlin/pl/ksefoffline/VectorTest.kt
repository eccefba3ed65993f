package pl.ksefoffline

import java.nio.file.Files
import org.json.JSONArray
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** The vectors of `tests/vectors`, which Rust and Python read too. */
class VectorTest {
    @Test
    fun `the library knows its version`() {
        assertTrue(Regex("""\d+\.\d+\.\d+""").matches(version()))
    }

    @Test
    fun `code one names seller, day and hash`() {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        assertEquals(
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
            codeOneLink(Environment.TEST, "1111111111", "2026-02-01", "abc".toByteArray()),
        )
    }

    /** The library counts from the real clock, so cases with a clock of their own stay with the unit tests. */
    @TestFactory
    fun `every deadline vector holds`(): List<DynamicTest> =
        objects(Repository.vectors("deadlines.json").getJSONArray("cases")).filterNot { it.has("now") }.map { case ->
            dynamicTest(case.getString("name")) {
                val answer = deadline(
                    named(case.getString("mode")),
                    case.getString("issued"),
                    DeadlineOptions(
                        outagesJson = messages(case.optJSONArray("outages") ?: JSONArray()).toString(),
                        policy = if (case.has("policy")) named<DeadlinePolicy>(case.getString("policy")) else null,
                    ),
                )
                val why = case.getString("why")
                assertEquals(named<DeadlineState>(case.getString("state")), answer.state, why)
                assertEquals(if (case.isNull("due")) null else case.getString("due"), answer.due, why)
            }
        }

    @TestFactory
    fun `every link that must be refused is`(): List<DynamicTest> =
        objects(Repository.vectors("links.json").getJSONArray("refused")).map { vector ->
            dynamicTest(vector.getString("why")) {
                val found = verifyCode(vector.getString("url"), CodeEvidenceOptions())
                assertTrue(found.checks.any { !it.passed && it.name != "signature" })
            }
        }

    @TestFactory
    fun `examples survive JSON, and JSON is the same every time`(): List<DynamicTest> =
        Repository.examples.map { path ->
            dynamicTest(path.fileName.toString()) {
                val json = invoiceToJson(Files.readAllBytes(path))
                val xml = invoiceFromJson(json, Environment.TEST)
                assertEquals(json, invoiceToJson(xml))
                assertArrayEquals(xml, invoiceFromJson(json, Environment.TEST))
            }
        }

    @Test
    fun `the schema is the published one`() {
        val published = Files.readString(Repository.root.resolve("docs/invoice.schema.json"))
        assertTrue(JSONObject(published).similar(JSONObject(invoiceSchema())))
    }

    @Test
    fun `a refusal carries its code and both languages`() {
        val refused = assertThrows(KsefOfflineException.Refused::class.java) {
            deadline(OfflineMode.OFFLINE24, "2026-1-2", DeadlineOptions())
        }
        assertEquals("date-malformed", refused.code)
        assertTrue(refused.polish.isNotEmpty() && refused.english.isNotEmpty())
        assertFalse(refused.retryable)
        assertNull(refused.retryAfterSeconds)
    }

    private fun objects(array: JSONArray): List<JSONObject> = array.map { it as JSONObject }

    /** `total-failure` is `TOTAL_FAILURE`. */
    private inline fun <reified E : Enum<E>> named(name: String): E =
        enumValueOf(name.uppercase().replace('-', '_'))

    /** Outages as Latarnia announces them: a failure in two messages, a maintenance in one. */
    private fun messages(outages: JSONArray): JSONArray {
        val messages = JSONArray()
        objects(outages).forEachIndexed { index, outage ->
            val event = index + 1
            fun add(id: String, type: String, end: Boolean) {
                val message = JSONObject()
                    .put("id", id).put("eventId", event).put("type", type)
                    .put("category", outage.getString("category")).put("start", outage.getString("start"))
                if (end && !outage.isNull("end")) message.put("end", outage.getString("end"))
                messages.put(message)
            }
            if (outage.getString("category") == "MAINTENANCE") {
                add("N$event", "MAINTENANCE_ANNOUNCEMENT", end = true)
            } else {
                add("S$event", "FAILURE_START", end = false)
                if (!outage.isNull("end")) add("E$event", "FAILURE_END", end = true)
            }
        }
        return messages
    }
}
