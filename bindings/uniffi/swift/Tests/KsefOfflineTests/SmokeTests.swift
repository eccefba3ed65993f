import XCTest

@testable import KsefOffline

/// The native library answers: a link, a deadline, an error.
final class SmokeTests: XCTestCase {
    func testCodeOneNamesSellerDayAndHash() throws {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        XCTAssertEqual(
            try codeOneLink(
                environment: "test", sellerNip: "1111111111", issueDate: "2026-02-01", invoice: Data("abc".utf8)),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
    }

    func testATotalFailureAsksForNothing() throws {
        let answer = try deadline(mode: "total-failure", issued: "2026-01-02", outagesJson: nil, policy: nil)
        XCTAssertEqual(answer.state, "not-required")
        XCTAssertNil(answer.due)
    }

    func testARefusalCarriesItsCode() {
        XCTAssertThrowsError(try deadline(mode: "online", issued: "2026-01-02", outagesJson: nil, policy: nil)) {
            guard case KsefOfflineError.Refused(let code, _, _, let retryable, _) = $0 else {
                return XCTFail("another error")
            }
            XCTAssertEqual(code, "mode-unknown")
            XCTAssertFalse(retryable)
        }
    }
}
