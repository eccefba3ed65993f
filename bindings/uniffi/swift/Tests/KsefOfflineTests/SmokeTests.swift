import XCTest

@testable import KsefOffline

/// The native library answers: a link, a deadline, an error, an async call.
final class SmokeTests: XCTestCase {
    func testCodeOneNamesSellerDayAndHash() throws {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        XCTAssertEqual(
            try codeOneLink(
                environment: .test, sellerNip: "1111111111", issueDate: "2026-02-01", invoice: Data("abc".utf8)),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
    }

    func testATotalFailureAsksForNothing() throws {
        let answer = try deadline(mode: .totalFailure, issued: "2026-01-02", options: DeadlineOptions())
        XCTAssertEqual(answer.state, .notRequired)
        XCTAssertNil(answer.due)
    }

    func testARefusalCarriesItsCode() {
        XCTAssertThrowsError(try deadline(mode: .offline24, issued: "2026-1-2", options: DeadlineOptions())) {
            guard case KsefOfflineError.Refused(let code, _, _, let retryable, _, _) = $0 else {
                return XCTFail("another error")
            }
            XCTAssertEqual(code, "date-malformed")
            XCTAssertFalse(retryable)
        }
    }

    func testAnAsyncCallAnswersAndATokenEndsIt() async throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        _ = try createHome(home: home, options: HomeOptions(context: "Nip:5265877635", environment: .test))
        let desk = try Desk(home: home, options: DeskOptions())
        let token = CancelToken()
        token.cancel()
        do {
            _ = try await desk.check(cancel: token)
            XCTFail("a cancelled call answered")
        } catch KsefOfflineError.Refused(let code, _, _, _, _, _) {
            XCTAssertEqual(code, "interrupted")
        }
    }
}
