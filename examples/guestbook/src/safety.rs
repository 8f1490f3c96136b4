//! What protects guests from other sites.

use carafe::prelude::*;

/// Refuses forms that another site sends in a guest's name (CSRF).
///
/// The session's cookie is `SameSite=Lax`, so browsers leave it out of such a request. This hook also
/// asks where the request came from: browsers say it in `Sec-Fetch-Site`, older ones in `Origin`, and
/// no page can change either. A request with neither is not from a browser, and carries nobody's
/// cookies.
pub(crate) async fn refuse_other_sites(request: Request) -> Result<()> {
    if request.method().is_safe() {
        return Ok(());
    }
    let from_here = match (request.header("sec-fetch-site"), request.header("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        // Scheme and host; the scheme may differ behind a proxy that ends TLS.
        (None, Some(origin)) => {
            origin.split_once("://").is_some_and(|(_, host)| host == request.host())
        }
        (None, None) => true,
    };
    if !from_here {
        abort!(403, "this form was sent by another site");
    }
    Ok(())
}

/// Tells browsers to believe the content type, and not to show the book in another site's frame.
pub(crate) fn add_headers(_request: Request, response: Response) -> Response {
    response.with_header("x-content-type-options", "nosniff").with_header(
        "content-security-policy",
        "frame-ancestors 'none'; object-src 'none'; base-uri 'none'",
    )
}
